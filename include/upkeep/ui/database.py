"""The report database as the pages see it: read only, one snapshot a page, a few connections kept open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from queue import Empty, LifoQueue
from threading import BoundedSemaphore
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.deadline import deadline
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.migrate import missing
from upkeep.window import CADENCES

if TYPE_CHECKING:
    import psycopg

WAIT_S, CONNECT_S, PING_S, ANSWER_S = 5, 5, 3, 15
_SETTINGS = """
    set default_transaction_read_only = on;
    set statement_timeout = '10s';
    set lock_timeout = '2s';
    set time zone 'UTC';
    set jit = off
"""


class BusyError(BrokenError):
    """The report database may well be there, but other pages use every connection to it."""


class NotMigratedError(CannotAskError):
    """The report database is there, but its schema is older than these pages."""


class Rows:
    """One snapshot of the report database. Call it with the name of a query file; rows have the columns as attributes."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

    def __call__(self, query: str, **params: Any) -> list[Any]:
        """All rows of `queries/<query>.sql`, which may order by `%(cadences)s`: their names, the most often first."""
        from psycopg.rows import kwargs_row

        with self._connection.cursor(row_factory=kwargs_row(SimpleNamespace)) as cursor:
            return cursor.execute(statement(query), {"cadences": CADENCES, **params}).fetchall()

    def one(self, query: str, **params: Any) -> Any:
        """The first row, or None."""
        return next(iter(self(query, **params)), None)


class Reader:
    """
    Gives snapshots. `endpoint` is asked anew for each new connection, so that a changed password is picked up.

    Nothing here waits without an end: a page waits at most `WAIT_S` for its turn and `answer_s` for the database. A session that
    does not answer is dropped together with all that were kept beside it, since they are as old, and new ones are opened.
    """

    def __init__(self, endpoint: Callable[[], Endpoint], size: int = 4, answer_s: float = ANSWER_S) -> None:
        self._endpoint, self._room, self._answer_s = endpoint, BoundedSemaphore(size), answer_s
        self._idle: LifoQueue[psycopg.Connection[Any]] = LifoQueue()

    @contextmanager
    def snapshot(self) -> Iterator[Rows]:
        """
        Rows that all belong to one moment.

        Raises BusyError when all connections are in use, BrokenError when the database is away or does not answer,
        NotMigratedError when its schema is not there.
        """
        if not self._room.acquire(timeout=WAIT_S):
            raise BusyError("all connections of these pages are in use", "load the page again in a moment", retry=True)
        try:
            with self._lent() as connection, deadline(connection, self._answer_s), translate_errors(), connection.transaction():
                connection.execute("set transaction isolation level repeatable read read only")
                yield Rows(connection)
        finally:
            self._room.release()

    @contextmanager
    def _lent(self) -> Iterator["psycopg.Connection[Any]"]:
        from psycopg.pq import TransactionStatus

        connection = self._kept() or self._opened()
        try:
            yield connection
        finally:
            if connection.info.transaction_status == TransactionStatus.IDLE:
                self._idle.put(connection)
            else:
                connection.close()

    def _kept(self) -> "psycopg.Connection[Any] | None":
        connection = self._next_idle()
        if connection is None or _answers(connection):
            return connection
        while connection:
            connection.close()
            connection = self._next_idle()
        return None

    def _next_idle(self) -> "psycopg.Connection[Any] | None":
        try:
            return self._idle.get_nowait()
        except Empty:
            return None

    def _opened(self) -> "psycopg.Connection[Any]":
        connection = self._endpoint().connect("upkeep pages", answer_s=PING_S, prepare_threshold=None, connect_timeout=CONNECT_S)
        try:
            with deadline(connection, self._answer_s):
                connection.execute(_SETTINGS)
                _require_schema(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _answers(connection: "psycopg.Connection[Any]") -> bool:
    import psycopg

    try:
        with deadline(connection, PING_S):
            connection.execute("select")
    except (psycopg.Error, BrokenError):
        return False
    return True


@cache
def statement(name: str) -> Any:
    """A query of these pages by its file name."""
    return (files("upkeep.ui") / "queries" / f"{name}.sql").read_bytes()


def _require_schema(connection: "psycopg.Connection[Any]") -> None:
    with translate_errors():
        there = connection.execute("select pg_catalog.to_regclass('upkeep.migration') is not null").fetchone()
        known = connection.execute("select name, checksum from upkeep.migration").fetchall() if there and there[0] else []
    if new := missing(dict(known)):
        lacking = f"its schema lacks {', '.join(new)}" if known else "it has no Upkeep schema yet"
        raise NotMigratedError(f"The report database answers, but {lacking}.", "upkeep migrate")
