"""
Claims: things that one process at a time may change, kept as rows of the report database.

A claim ends with its holder's session: a killed process gives it back at once. Where a pooler or proxy keeps that session alive,
or a machine vanished, it ends when the holder was not heard of for a minute by the report database's clock.
"""

import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError, ClaimedError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import Provenance, sql
from upkeep.store.heartbeat import Heartbeat
from upkeep.store.plain import clean

if TYPE_CHECKING:
    import psycopg

BEAT_S = 5.0
STALE_S = 60.0
# Longer than a dead holder's claim lasts.
WAIT_S = 75.0
_TRY_EVERY_S = 0.2
_SAY_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Times:
    """In seconds: how long a claim is waited for, how often its holder is heard of, after what silence it counts as dead."""

    wait_s: float = WAIT_S
    beat_s: float = BEAT_S
    stale_s: float = STALE_S


@dataclass(frozen=True, slots=True)
class Holder:
    """Another process that has what is wanted."""

    name: str
    holder: str
    claimed_at: datetime
    silent_s: float

    def __str__(self) -> str:
        since = f"{self.claimed_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        return f"{self.name}: claimed by {self.holder} since {since}, heard of {max(0, round(self.silent_s))} s ago"


class Claims:
    """The claims of one task, made over its connection to the report database."""

    def __init__(self, connection: "psycopg.Connection[Any]", provenance: Provenance, times: Times) -> None:
        self._connection, self._times = connection, times
        self._token = str(uuid.uuid4())
        self._holder = _holder(provenance)
        self._held: set[str] = set()

    @contextmanager
    def held(self, names: tuple[str, ...], say: Callable[[str], None] | None = None, *, wait: bool = True) -> Iterator[None]:
        """Have all of these while inside; what is held already stays held after. Raises ClaimedError, without `wait` at once."""
        wanted = sorted({clean(name) for name in names} - self._held)
        if not wanted:
            yield
            return
        self._wait_for(wanted, say, self._times.wait_s if wait else 0.0)
        self._held |= set(wanted)
        try:
            with Heartbeat(Endpoint.of(self._connection), self._token, self._times.beat_s):
                yield
        finally:
            self._held -= set(wanted)
            self._release(wanted)

    def assert_held(self, names: tuple[str, ...]) -> None:
        """Renew these. Raises BrokenError with retry when one was lost."""
        wanted = sorted(map(clean, names))
        kept = [] if self._connection.closed else [name for (name,) in self._rows("renew_claims", {"names": wanted})]
        lost = sorted(set(wanted) - set(kept))
        if lost:
            reason = (
                f"the claim on {', '.join(lost)} was lost: the report database was away, or nothing was heard of this process"
            )
            raise BrokenError(reason, "clear the task when the report database is back", retry=True)

    def _wait_for(self, wanted: list[str], say: Callable[[str], None] | None, wait_s: float) -> None:
        begun, told = time.monotonic(), -_SAY_EVERY_S
        while others := self._others(wanted):
            waited = time.monotonic() - begun
            if waited >= wait_s:
                reason = (f"waited {wait_s:g} s for another process. " if wait_s else "") + "; ".join(map(str, others))
                raise ClaimedError(reason, f"wait until it has ended; one that died is given up {_after(self._times)}")
            if say and waited - told >= _SAY_EVERY_S:
                told = waited
                say("waiting. " + "; ".join(map(str, others)))
            time.sleep(_TRY_EVERY_S)

    def _others(self, wanted: list[str]) -> list[Holder]:
        params = {"holder": self._holder, "pid": self._connection.info.backend_pid, "stale_s": self._times.stale_s}
        return [Holder(*row) for row in self._rows("take_claims", {"names": wanted, **params})]

    def _release(self, names: list[str]) -> None:
        # What went wrong inside is what is to be told; without its session the claim ends by itself.
        import psycopg

        if not self._connection.closed:
            with suppress(psycopg.OperationalError, psycopg.InterfaceError):
                self._connection.execute(sql("release_claims"), {"token": self._token, "names": names})

    def _rows(self, statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
        with translate_errors():
            return self._connection.execute(sql(statement), {"token": self._token, **params}).fetchall()


def _holder(provenance: Provenance) -> str:
    run = "/".join(word for word in (provenance.dag_id, provenance.run_id, provenance.task_id) if word)
    return clean(f"{socket.gethostname()}, process {os.getpid()}, {run}")


def _after(times: Times) -> str:
    return f"{times.stale_s:g} s after it was last heard of"
