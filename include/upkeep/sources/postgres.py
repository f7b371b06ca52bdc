"""PostgreSQL: a read-only session with timeouts, whose questions are `.sql` files and whose rows are typed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from upkeep.sources.any_bytes import own_codec, read_any_bytes
from upkeep.sources.encryption import Encryption, encryption_of
from upkeep.sources.keepalives import ANSWER_TIMEOUT_S, Flow, client_side, set_if_direct, settle
from upkeep.sources.libpq import settings
from upkeep.sources.pinned import pinned, untuned
from upkeep.sources.postgres_errors import again_when_locked, again_when_vanished, no_connection, translate_errors
from upkeep.sources.question_file import sql_for
from upkeep.sources.refusal import refused_with
from upkeep.sources.rights import REACH, Right
from upkeep.sources.unhurried import begun

if TYPE_CHECKING:
    import psycopg

Row = TypeVar("Row")

CONNECT_TIMEOUT_S = 10
_PATH_TO_EXTENSIONS = """
    select 'pg_catalog, ' || string_agg(distinct extnamespace::regnamespace::text, ', ')
    from pg_catalog.pg_extension
    where extname = any(%s)
"""
_SET_LOCAL = """
    select pg_catalog.set_config(setting.name, setting.value, true)
    from rows from (pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[])) as setting (name, value)
    where pg_catalog.current_setting(setting.name, true) is not null
"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    Where a server is and as whom to log in. The password is never shown.

    `options` are whatever else libpq is told, by its keywords. No host (""), port (0) or user leaves it to libpq, which looks
    into a service file that `options` name, then into its environment.
    """

    host: str
    port: int = 5432
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The server for people: host and port, or the service that says where it is."""
        host = self.host or self.options.get("hostaddr")
        if not host and "service" in self.options:
            return f"service {self.options['service']}"
        return f"{host or 'the local socket'}:{self.port or self.options.get('port', '5432')}"

    @property
    def described(self) -> str:
        """The whole of it for people, without the password."""
        return f"{self.place}/{self.database or ''} as {self.user or 'the default role'}"

    @classmethod
    def of(cls, connection: "psycopg.Connection[Any]") -> "Endpoint":
        """Where an open connection goes, so that another can be made beside it."""
        info = connection.info
        given = {name: str(value) for name, value in info.get_parameters().items() if name not in _NO_OPTION}
        return cls(info.host, info.port, info.user, info.password or None, info.dbname, given)

    def connect(
        self,
        application: str,
        *,
        autocommit: bool = True,
        flow: Flow = Flow.NONE,
        answer_s: float = ANSWER_TIMEOUT_S,
        **more: Any,
    ) -> "psycopg.Connection[Any]":
        """
        A plain connection, autocommit unless said otherwise, that both ends give up when the other has vanished.

        A server or pooler that takes the connection and does not answer within `answer_s` seconds is given up.
        Say which way much data will `flow`, since one side may then wait long for the other (see `keepalives`). Through a pooler
        nothing is set on the server. Raises BrokenError in words that say what to do.
        """
        connection = opened(self, application, flow, **more)
        settle(connection, self.described, flow, answer_s=answer_s)
        connection.autocommit = autocommit
        return connection


def opened(endpoint: Endpoint, application: str, flow: Flow = Flow.NONE, **more: Any) -> "psycopg.Connection[Any]":
    """A connection as libpq makes it, autocommit, with nothing asked of the server yet. Raises BrokenError."""
    import psycopg

    usual: dict[str, Any] = {
        "application_name": application[:63],
        "connect_timeout": CONNECT_TIMEOUT_S,
        "autocommit": True,
        **client_side(flow),
    }
    told = {**usual, **_where(endpoint), **settings(endpoint.options), **more}
    try:
        return psycopg.connect(**told)
    except psycopg.OperationalError as error:
        raise no_connection(endpoint.described, error, lambda: refused_with(told)) from error


def _where(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "host": endpoint.host or None,
        "port": endpoint.port or None,
        "user": endpoint.user or None,
        "password": endpoint.password or None,
        "dbname": endpoint.database or None,
    }


class Postgres:
    """
    An open session that can only read. Made by `session`; give `measure` the asking file and a row type.

    With `local` settings every question is a transaction of its own that sets them: through a pooler a session is not ours.
    """

    def __init__(self, connection: "psycopg.Connection[Any]", local: Mapping[str, str] | None = None) -> None:
        self._connection = connection
        self._local = dict(local) if local is not None else None
        self._extensions: set[str] = set()

    @cached_property
    def version(self) -> int:
        """The server's major version."""
        return self._connection.info.server_version // 10000

    @cached_property
    def in_recovery(self) -> bool:
        """Whether this is a standby or a server still recovering."""
        return bool(self.value("select pg_catalog.pg_is_in_recovery()"))

    @cached_property
    def database(self) -> str:
        """The database this session is in."""
        return self._connection.info.dbname

    @cached_property
    def encryption(self) -> Encryption:
        """How this session is encrypted."""
        with self._asking():
            return encryption_of(self._connection)

    def measure(self, asker: str, row: type[Row], parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """
        Rows of the `.sql` file beside `asker` (its `__file__`), as `row` objects whose fields are the column names.

        `name.pg14.sql` beside it serves servers up to version 14, when there is one. Raises CannotAskError and BrokenError.
        """
        return again_when_locked(lambda: self.query(sql_for(Path(asker), self.version), row, parameters))

    def query(self, sql: str, row: type[Row], parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Rows of a statement, typed. For SQL that has no file of its own."""
        from psycopg.rows import class_row

        def ask() -> list[Row]:
            with self._asking(), self._connection.cursor(row_factory=class_row(row)) as cursor:
                return list(cursor.execute(_text(sql), parameters))

        return again_when_vanished(ask)

    def value(self, sql: str, parameters: Sequence[Any] | None = None) -> Any:
        """First column of the first row, or None."""

        def ask() -> Any:
            with self._asking():
                row = self._connection.execute(_text(sql), parameters).fetchone()
            return row[0] if row else None

        return again_when_vanished(ask)

    def missing(self, needs: Sequence[Right]) -> tuple[Right, ...]:
        """Those of `needs` that this session does not have. Extensions that it has become visible to its questions."""
        lacking = tuple(right for right in needs if not self.value(right.test))
        found = {right.extension for right in needs if right.extension and right not in lacking}
        if not found <= self._extensions:
            self._extensions |= found
            self._look_in(self.value(_PATH_TO_EXTENSIONS, [sorted(self._extensions)]) or "pg_catalog")
        return lacking

    def grant_for(self, right: Right) -> str:
        """The statement that gives this session's role the right, its name quoted by the server."""
        reach = self.value(REACH, [right.extension]) if right.extension else None
        return str(reach) if reach else right.grant.format(role=self.value("select pg_catalog.quote_ident(current_user)"))

    def _look_in(self, path: str) -> None:
        if self._local is None:
            self.value("select pg_catalog.set_config('search_path', %s, false)", [path])
        else:
            self._local["search_path"] = path

    @contextmanager
    def _asking(self) -> Iterator[None]:
        with translate_errors(), ExitStack() as stack:
            if self._local is not None:
                stack.enter_context(self._connection.transaction())
                self._connection.execute(_SET_LOCAL, [list(self._local), list(self._local.values())])
            yield


@contextmanager
def session(
    endpoint: Endpoint, application: str, *, statement_timeout_s: float = 15, lock_timeout_s: float = 2
) -> Iterator[Postgres]:
    """
    A read-only session with statement, lock and idle timeouts, in which no setting of its login changes an answer.

    Whatever the encoding of a name, it is read. Raises BrokenError when there is no connection.
    """
    wanted = pinned(statement_timeout_s, lock_timeout_s)
    connection, asker = begun(partial(opened, endpoint, application), lambda new: (new, _asker(endpoint, new, wanted)))
    with connection:
        yield asker


def _asker(endpoint: Endpoint, connection: "psycopg.Connection[Any]", wanted: Mapping[str, str]) -> Postgres:
    settle(connection, endpoint.described)
    with translate_errors():
        settings = {**untuned(connection), **wanted}
        direct = set_if_direct(connection, {"default_transaction_read_only": "on", **settings})
        codec = own_codec(connection) if direct else "utf-8"
    read_any_bytes(connection, codec)
    return Postgres(connection, None if direct else {"transaction_read_only": "on", "client_encoding": "UTF8", **settings})


_NO_OPTION = {"host", "hostaddr", "port", "user", "password", "dbname", "application_name", "connect_timeout"}


def _text(sql: str) -> Any:
    """As text, which the driver writes in the encoding of the session."""
    return sql
