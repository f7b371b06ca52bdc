"""Looking at one database: what an examination must know about it, and nothing judged yet."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from upkeep.sources.encryption import Encryption
from upkeep.sources.libpq import OURS
from upkeep.sources.postgres import Endpoint, session
from upkeep.sources.rights import Right

CONNECT_TIMEOUT_S = 5
_QUESTION_TIMEOUT_S = 6
_CLOCK = "select extract(epoch from pg_catalog.clock_timestamp())::float8"


@dataclass(frozen=True, slots=True)
class LoginFacts:
    """What a session says of its server and of itself; see postgres_login.sql."""

    role: str
    in_recovery: bool
    statement_timeout_s: float
    lock_timeout_s: float
    preloaded: str | None
    is_superuser: bool
    powers: list[str]
    writable_tables: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """
    What was seen of one database. `timeouts_s` are the statement and lock timeouts that were asked for.

    `skew_s` is how far the server's clock is ahead of ours, known within `skew_within_s`. `missing` maps each right that the role
    lacks to the statement that gives it. `overruled` are extras of the connection that Upkeep sets itself.
    """

    server: str
    database: str
    version: int
    connect_s: float
    skew_s: float
    skew_within_s: float
    timeouts_s: tuple[float, float]
    missing: Mapping[Right, str]
    login: LoginFacts
    encryption: Encryption
    overruled: tuple[str, ...] = ()


def look(endpoint: Endpoint, needs: Sequence[Right], statement_timeout_s: float, lock_timeout_s: float) -> Seen:
    """Log in and look. Raises BrokenError and CannotAskError."""
    patient = replace(endpoint, options={**endpoint.options, "connect_timeout": str(CONNECT_TIMEOUT_S)})
    begun = time.monotonic()
    limit_s = min(statement_timeout_s, _QUESTION_TIMEOUT_S)
    with session(patient, "upkeep doctor", statement_timeout_s=limit_s, lock_timeout_s=lock_timeout_s) as postgres:
        connect_s = time.monotonic() - begun
        skew_s, within_s = clock_skew(lambda: float(postgres.value(_CLOCK)))
        (login,) = postgres.measure(__file__, LoginFacts)
        return Seen(
            server=endpoint.place,
            database=postgres.database,
            version=postgres.version,
            connect_s=connect_s,
            skew_s=skew_s,
            skew_within_s=within_s,
            timeouts_s=(limit_s, lock_timeout_s),
            missing={right: postgres.grant_for(right) for right in postgres.missing(needs)},
            login=login,
            encryption=postgres.encryption,
            overruled=tuple(name for name in OURS if name in endpoint.options),
        )


def clock_skew(read: Callable[[], float]) -> tuple[float, float]:
    """
    How far another clock (seconds since 1970) is ahead of ours, and how exactly that is known: both in seconds.

    The narrowest of three round trips; the true skew lies within half of it (as in NTP, RFC 5905).
    """
    found = []
    for _ in range(3):
        before = time.time()
        there = read()
        after = time.time()
        found.append(((after - before) / 2, there - (before + after) / 2))
    within, skew = min(found)
    return skew, within
