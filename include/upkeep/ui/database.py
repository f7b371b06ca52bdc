"""The report database as the pages see it: read only, one snapshot a page, a few connections kept open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from queue import SimpleQueue
from threading import BoundedSemaphore
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.postgres import Endpoint, translated
from upkeep.store.migrate import migrations
from upkeep.window import CADENCES

if TYPE_CHECKING:
    import psycopg

WAIT_S = 10
_SETTINGS = """
    set default_transaction_read_only = on;
    set statement_timeout = '10s';
    set lock_timeout = '2s';
    set time zone 'UTC';
    set jit = off
"""


class NotMigratedError(CannotAskError):
    """The report database is there, but its schema is older than these pages."""


class Rows:
    """One snapshot of the report database. Call it with the name of a query file; rows have the columns as attributes."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

    def __call__(self, query: str, **words: Any) -> list[Any]:
        """All rows of `queries/<query>.sql`, which may order by `%(cadences)s`: their names, the most often first."""
        from psycopg.rows import kwargs_row

        with self._connection.cursor(row_factory=kwargs_row(SimpleNamespace)) as cursor:
            return cursor.execute(statement(query), {"cadences": CADENCES, **words}).fetchall()

    def one(self, query: str, **words: Any) -> Any:
        """The first row, or None."""
        return next(iter(self(query, **words)), None)


class Reader:
    """Gives snapshots. `endpoint` is asked anew for each new connection, so that a changed password is picked up."""

    def __init__(self, endpoint: Callable[[], Endpoint], size: int = 4) -> None:
        self._endpoint, self._room = endpoint, BoundedSemaphore(size)
        self._idle: SimpleQueue[psycopg.Connection[Any]] = SimpleQueue()

    @contextmanager
    def snapshot(self) -> Iterator[Rows]:
        """
        Rows that all belong to one moment.

        Raises BrokenError when the database is away or busy, NotMigratedError when its schema is not there.
        """
        if not self._room.acquire(timeout=WAIT_S):
            raise BrokenError("all connections of these pages are busy", "load the page again", retry=True)
        try:
            with translated(), self._lent() as connection, connection.transaction():
                connection.execute("set transaction isolation level repeatable read read only")
                yield Rows(connection)
        finally:
            self._room.release()

    @contextmanager
    def _lent(self) -> Iterator["psycopg.Connection[Any]"]:
        connection = self._kept() or self._opened()
        try:
            yield connection
        finally:
            if not connection.closed:
                self._idle.put(connection)

    def _kept(self) -> "psycopg.Connection[Any] | None":
        import psycopg

        while not self._idle.empty():
            connection = self._idle.get()
            try:
                connection.execute("select")
            except psycopg.Error:
                connection.close()
            else:
                return connection
        return None

    def _opened(self) -> "psycopg.Connection[Any]":
        connection = self._endpoint().connect("upkeep pages", prepare_threshold=None)
        try:
            connection.execute(_SETTINGS)
            _require_schema(connection)
        except BaseException:
            connection.close()
            raise
        return connection


@cache
def statement(name: str) -> Any:
    """A query of these pages by its file name."""
    return (files("upkeep.ui") / "queries" / f"{name}.sql").read_bytes()


def _require_schema(connection: "psycopg.Connection[Any]") -> None:
    with translated():
        there = connection.execute("select pg_catalog.to_regclass('upkeep.migration') is not null").fetchone()
        known = connection.execute("select name from upkeep.migration").fetchall() if there and there[0] else []
    missing = [name for name in migrations() if (name,) not in known]
    if missing:
        lacking = f"its schema lacks {', '.join(missing)}" if known else "it has no Upkeep schema yet"
        raise NotMigratedError(f"The report database answers, but {lacking}.", "upkeep migrate")
