"""Judging what was seen of a database: pure, so that every diagnosis can be tried without a server."""

from collections.abc import Iterator, Sequence
from typing import Any

from upkeep.errors import UpkeepError
from upkeep.sources.rights import Right
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.encryption_diagnosis import encryption
from upkeep.targets.postgres_login import Seen
from upkeep.targets.target import Target

OLDEST, NEWEST = 13, 18
SKEW_LIMIT_S = 2.0
SLOW_CONNECT_S = 1.0


def unreachable(target: Target, error: UpkeepError) -> Diagnosis:
    """The one diagnosis of a target that could not be looked at."""
    remedy = getattr(error, "remedy", "")
    return Diagnosis(
        subject=target.name, about="reachable", level=Level.NO, text=str(error), remedy=remedy, field="connection", unmet=None
    )


def diagnosed(target: Target, needs: Sequence[Right], seen: Seen) -> Iterator[Diagnosis]:
    """Every diagnosis of a database that was reached."""
    say = _About(target.name, seen)
    yield _reached(say, seen)
    yield _version(say, seen)
    yield from _rights(say, seen, needs)
    yield from _not_preloaded(say, seen, needs)
    yield _privilege(say, seen)
    yield skew(target.name, seen.skew_s, seen.skew_within_s)
    yield _timeouts(say, seen)
    yield encryption(target.name, seen.encryption)
    yield from _overruled(say, seen)


def skew(subject: str, ahead_s: float, within_s: float, where: str = "") -> Diagnosis:
    """The diagnosis on another machine's clock."""
    message = f"its clock is {abs(ahead_s):.3f} s {'ahead of' if ahead_s >= 0 else 'behind'} this machine's (± {within_s:.3f} s)"
    if abs(ahead_s) - within_s <= SKEW_LIMIT_S:
        return Diagnosis(subject=subject, about="clock", level=Level.OK, text=message, where=where, field="connection")
    remedy = "make both machines follow the same time servers (chrony or timesyncd); windows end at the wrong moment until then"
    return Diagnosis(
        subject=subject,
        about="clock",
        level=Level.NO,
        text=f"{message}, more than {SKEW_LIMIT_S:g} s",
        remedy=remedy,
        where=where,
        field="connection",
    )


class _About:
    """Fills in what every diagnosis of one database has in common."""

    def __init__(self, subject: str, seen: Seen) -> None:
        self._subject, self._seen = subject, seen

    def __call__(self, about: str, level: Level, text: str, **more: Any) -> Diagnosis:
        return Diagnosis(
            subject=self._subject, about=about, level=level, text=text, field="connection", server=self._seen.server,
            database=self._seen.database, **more,
        )  # fmt: skip


def _reached(say: _About, seen: Seen) -> Diagnosis:
    kind = "a standby" if seen.login.in_recovery else "a primary"
    message = f"PostgreSQL {seen.version} at {seen.server}, {kind}, login in {seen.connect_s * 1000:.0f} ms as {seen.login.role}"
    return say("reachable", Level.NOTE if seen.connect_s > SLOW_CONNECT_S else Level.OK, message)


def _version(say: _About, seen: Seen) -> Diagnosis:
    message = f"major version {seen.version}"
    if OLDEST <= seen.version <= NEWEST:
        return say("version", Level.OK, message)
    remedy = "upgrade the server" if seen.version < OLDEST else "upgrade Upkeep"
    return say("version", Level.NO, f"{message}, but {OLDEST} to {NEWEST} are supported", remedy=remedy, unmet=None)


def _rights(say: _About, seen: Seen, needs: Sequence[Right]) -> Iterator[Diagnosis]:
    if not seen.missing:
        yield say("rights", Level.OK, f"{seen.login.role} has every right that its duties need ({len(needs)})")
    for right, grant in seen.missing.items():
        about = "extension" if right.extension else "rights"
        message = f"{right.name} is missing: cannot see {right.without}"
        yield say(about, Level.NO, message, remedy=_where_to(seen, right, grant), unmet=(right,), grants=(grant,))


def _where_to(seen: Seen, right: Right, grant: str) -> str:
    on_primary = " (on the primary: this is a standby)" if seen.login.in_recovery else ""
    return f"{grant}{on_primary}" if not right.preload else f"{grant} as superuser{on_primary}"


def _not_preloaded(say: _About, seen: Seen, needs: Sequence[Right]) -> Iterator[Diagnosis]:
    if seen.login.preloaded is None:
        return  # pg_monitor is missing, which was said
    loaded = {part.strip().strip('"').rsplit("/", 1)[-1] for part in seen.login.preloaded.split(",")}
    for right in needs:
        if right.preload and right not in seen.missing and right.extension not in loaded:
            message = f"{right.name} exists in the database but the server has not loaded it: cannot see {right.without}"
            remedy = f"add {right.extension} to shared_preload_libraries and restart the server"
            yield say("extension", Level.NO, message, remedy=remedy, unmet=(right,))


def _privilege(say: _About, seen: Seen) -> Diagnosis:
    login = seen.login
    if login.is_superuser:
        remedy = "make a login of its own: create role upkeep login; \\password upkeep; grant pg_monitor to upkeep;"
        return say("privilege", Level.NO, f"{login.role} is a superuser; Upkeep only reads", remedy=remedy)
    if login.powers or login.writable_tables:
        tables = f"may write to {login.writable_tables} tables" if login.writable_tables else ""
        message = f"{login.role} has more than it needs: {', '.join([*login.powers, *([tables] if tables else [])])}"
        return say("privilege", Level.NO, message, remedy="revoke it, or use a login of Upkeep's own")
    return say("privilege", Level.OK, f"{login.role} can read and nothing more")


def _timeouts(say: _About, seen: Seen) -> Diagnosis:
    given = (seen.login.statement_timeout_s, seen.login.lock_timeout_s)
    message = f"statement_timeout {given[0]:g} s, lock_timeout {given[1]:g} s"
    if all(abs(a - b) < 0.002 for a, b in zip(given, seen.timeouts_s, strict=True)):  # noqa: PLR2004 - the server counts in ms
        return say("timeouts", Level.OK, f"{message} hold")
    asked = f"asked for {seen.timeouts_s[0]:g} s and {seen.timeouts_s[1]:g} s"
    return say(
        "timeouts", Level.NO, f"{message}, though {asked}", remedy="a pooler drops them: connect directly or in session mode"
    )


def _overruled(say: _About, seen: Seen) -> Iterator[Diagnosis]:
    if seen.overruled:
        yield say("extras", Level.NOTE, f"{' and '.join(seen.overruled)} of the connection's extras: Upkeep sets its own")
