"""One question about to be put: all that is known of it, as one value."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from upkeep.duty import Duty
from upkeep.errors import CannotAskError
from upkeep.sources.connections import Connections
from upkeep.store.answers import Provenance
from upkeep.store.key import Key
from upkeep.store.session_limit import slot
from upkeep.targets.target import Target
from upkeep.window import Window, is_latest

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    A duty, the target it is asked about, and for which window.

    `provenance` is the task instance that asks; `replay` is true in a backfill; `asked_by` is the Airflow user who started the
    run, None when a schedule did: nobody approves what they asked for. `database` is an open session of the report
    database, None when there is none: then nothing of earlier windows is known.
    """

    duty: Duty
    target: Target
    window: Window
    connections: Connections
    provenance: Provenance
    replay: bool = False
    asked_by: str | None = None
    database: "psycopg.Connection[Any] | None" = None

    @property
    def key(self) -> Key:
        """The key of its rows."""
        return Key.of(self.duty, self.target.name, self.window)

    @property
    def present_only(self) -> bool:
        """Whether this is about the past and the duty only sees the present."""
        return not self.duty.dated and (self.replay or not is_latest(self.window, self.provenance.asked_at))

    def stored(self) -> "psycopg.Connection[Any]":
        """The session of the report database. Raises CannotAskError when there is none."""
        if self.database is None:
            raise CannotAskError(f"{self.duty.name} reads stored rows, and there is no report database to read them from")
        return self.database

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold one of the target's `at_once` places while inside. Raises BrokenError when none comes free in time."""
        if self.database is None:
            yield
            return
        with slot(self.database, self.target.name, self.target.at_once):
            yield


def provides(kind: type) -> Callable[[Callable[[Asked], Iterator[Any]]], Callable[[Asked], AbstractContextManager[Any]]]:
    """Make a provider of a generator function that yields a `kind` once, and cleans up after it."""

    def decorate(function: Callable[[Asked], Iterator[Any]]) -> Callable[[Asked], AbstractContextManager[Any]]:
        provider = contextmanager(function)
        provider.provides = kind  # type: ignore[attr-defined]
        return provider

    return decorate
