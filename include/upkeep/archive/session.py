"""The session that copies and deletes: its settings decide what COPY writes, so they are always the same."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from upkeep.errors import BrokenError, CannotAskError, VanishedError
from upkeep.sources.keepalives import Flow
from upkeep.sources.pinned import begin_plainly, pinned
from upkeep.sources.pooler import Pooling, pooling
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg

Row = TypeVar("Row")
SETTINGS = {
    "IntervalStyle": "iso_8601", "row_security": "off", "synchronize_seqscans": "off", "synchronous_commit": "on",
    "client_encoding": "UTF8", "session_replication_role": "origin",
    "enable_partition_pruning": "on",
}  # fmt: skip
# A scan of a large table for its oldest rows may take long; a delete is a few thousand rows.
_STATEMENT_S = 3600
# What the server does not know, or what a login may not say and has so anyway, is passed over.
_SET = """
    select pg_catalog.set_config(setting.name, setting.value, false)
    from rows from (pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[])) as setting (name, value)
    where pg_catalog.current_setting(setting.name, true) <> setting.value
"""
_LEFT_OVER = """
    select pg_catalog.pg_terminate_backend(pid, 5000) from pg_catalog.pg_stat_activity
    where application_name = %s and pid <> pg_catalog.pg_backend_pid() and usename = current_user
"""


@dataclass(frozen=True, slots=True)
class Server:
    """What server.sql says; `system` and `timeline` together name what a transaction id belongs to."""

    standby: bool
    read_only: bool
    at: datetime
    encoding: str
    version: int
    system: str
    timeline: int


@dataclass(frozen=True, slots=True)
class Session:
    """An open session of the maintenance login. `another` opens a second one of the same name, for another thread."""

    connection: "psycopg.Connection[Any]"
    server: Server
    lock_timeout_s: float
    another: "Callable[[], AbstractContextManager[Session]]"

    def rows(self, name: str, row: type[Row], parameters: Mapping[str, Any]) -> list[Row]:
        """Rows of a `.sql` file of this folder, typed."""
        from psycopg.rows import class_row

        with translate_errors(), self.connection.cursor(row_factory=class_row(row)) as cursor:
            return list(cursor.execute(_file(name).encode(), parameters))

    def one(self, statement: Any, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> tuple[Any, ...]:
        """The first row of a statement that has one."""
        with translate_errors():
            row = self.connection.execute(statement, parameters).fetchone()
        if row is None:
            raise BrokenError("the server answered with no row", retry=True)
        return tuple(row)


@contextmanager
def session(endpoint: Endpoint, application: str, lock_timeout_s: float, flow: Flow = Flow.OUT) -> Iterator[Session]:
    """
    Open it, after ending what a killed run left. The caller holds the claim of this name, and says which way rows `flow`.

    Raises CannotAskError for a standby, a read-only server and a pooler in transaction mode.
    """
    with translate_errors():
        if pooling(endpoint) is Pooling.TRANSACTION:
            raise CannotAskError(
                f"{endpoint.place} is a pooler in transaction mode: no setting and no lock outlives a statement there",
                "give `maintenance: login:` a connection that reaches the server itself",
            )
    with _opened(endpoint, application[:63], lock_timeout_s, flow) as opened:
        opened.connection.execute(_LEFT_OVER, [application[:63]])
        yield opened


@contextmanager
def _opened(endpoint: Endpoint, name: str, lock_timeout_s: float, flow: Flow) -> Iterator[Session]:
    with endpoint.connect(name, flow=flow) as connection, translate_errors():
        begin_plainly(connection)
        server = _server(connection)
        settings = {**pinned(_STATEMENT_S, lock_timeout_s), **SETTINGS}
        connection.execute(_SET, [list(settings), list(settings.values())])
        connection.execute("set session characteristics as transaction read write")
        yield Session(connection, server, lock_timeout_s, partial(_opened, endpoint, name, lock_timeout_s, flow))


@contextmanager
def standing(label: str) -> Iterator[None]:
    """What is asked of a table. Raises VanishedError when it is not there any more, or not with these columns, and as usual."""
    import psycopg

    try:
        with translate_errors():
            yield
    except CannotAskError as error:
        gone = (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedColumn)
        if isinstance(error.__cause__, gone):
            raise VanishedError(f"{label} was dropped, renamed or altered") from error
        raise
    except (psycopg.errors.UndefinedColumn, psycopg.errors.InvalidSchemaName) as error:
        raise VanishedError(f"{label} was dropped, renamed or altered") from error


def _server(connection: "psycopg.Connection[Any]") -> Server:
    from psycopg.rows import class_row

    with connection.cursor(row_factory=class_row(Server)) as cursor:
        server = cursor.execute(_file("server").encode()).fetchone()
    if server is None or server.standby:
        raise CannotAskError("a standby changes nothing: archive from the primary", "name the primary in the inventory")
    if server.read_only:
        raise CannotAskError(
            "the server is read-only for this login (default_transaction_read_only is on)", "find out who set it, and why"
        )
    return server


def _file(name: str) -> str:
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
