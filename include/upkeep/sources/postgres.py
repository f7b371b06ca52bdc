"""PostgreSQL: a read-only session with timeouts, whose questions are `.sql` files and whose rows are typed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.deadline import deadline
from upkeep.sources.keepalives import client_side, server_side, set_if_direct
from upkeep.sources.rights import Right

if TYPE_CHECKING:
    import psycopg

Row = TypeVar("Row")

CONNECT_TIMEOUT_S = 10
# Longer than a pooler makes its clients wait for a server session by default.
ANSWER_TIMEOUT_S = 150.0
_PATH_TO_EXTENSIONS = """
    select 'pg_catalog, ' || string_agg(distinct extnamespace::regnamespace::text, ', ')
    from pg_catalog.pg_extension
    where extname = any(%s)
"""
_SET_LOCAL = """
    select pg_catalog.set_config(setting.name, setting.value, true)
    from rows from (pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[])) as setting (name, value)
"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is and as whom to log in. The password is never shown. `options` are libpq's, such as sslmode."""

    host: str
    port: int = 5432
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: "psycopg.Connection[Any]") -> "Endpoint":
        """Where an open connection goes, so that another can be made beside it."""
        info = connection.info
        given = {name: str(value) for name, value in info.get_parameters().items() if name not in _NO_OPTION}
        return cls(info.host, info.port, info.user, info.password or None, info.dbname, given)

    def connect(
        self, application: str, *, autocommit: bool = True, streams: bool = False, answer_s: float = ANSWER_TIMEOUT_S, **more: Any
    ) -> "psycopg.Connection[Any]":
        """
        A plain connection, autocommit unless said otherwise, that both ends give up when the other has vanished.

        A server or pooler that takes the connection and does not answer within `answer_s` seconds is given up.
        Say `streams` where much data flows, since one side may then wait long for the other (see `keepalives`). Through a pooler
        nothing is set on the server. Raises BrokenError in words that say what to do.
        """
        import psycopg

        connection = opened(self, application, streams=streams, **more)
        try:
            with deadline(connection, answer_s):
                direct = server_side(connection, streams=streams)
        except (psycopg.Error, BrokenError) as error:
            connection.close()
            raise _no_connection(self, error) from error
        if not direct:
            connection.prepare_threshold = None  # a prepared statement belongs to a session that is not ours
        connection.autocommit = autocommit
        return connection


def opened(endpoint: Endpoint, application: str, *, streams: bool = False, **more: Any) -> "psycopg.Connection[Any]":
    """A connection as libpq makes it, autocommit, with nothing asked of the server yet. Raises BrokenError."""
    import psycopg

    usual: dict[str, Any] = {
        "application_name": application[:63],
        "connect_timeout": CONNECT_TIMEOUT_S,
        "autocommit": True,
        **client_side(streams=streams),
    }
    try:
        return psycopg.connect(
            host=endpoint.host,
            port=endpoint.port,
            user=endpoint.user,
            password=endpoint.password,
            dbname=endpoint.database,
            **{**usual, **endpoint.options, **more},
        )
    except psycopg.OperationalError as error:
        raise _no_connection(endpoint, error) from error


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

    def measure(self, asker: str, row: type[Row], parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """
        Rows of the `.sql` file beside `asker` (its `__file__`), as `row` objects whose fields are the column names.

        `name.pg14.sql` beside it serves servers up to version 14, when there is one. Raises CannotAskError and BrokenError.
        """
        return self.query(_sql_for(Path(asker), self.version), row, parameters)

    def query(self, sql: str, row: type[Row], parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Rows of a statement, typed. For SQL that has no file of its own."""
        from psycopg.rows import class_row

        with self._asking(), self._connection.cursor(row_factory=class_row(row)) as cursor:
            return list(cursor.execute(_text(sql), parameters))

    def value(self, sql: str, parameters: Sequence[Any] | None = None) -> Any:
        """First column of the first row, or None."""
        with self._asking():
            row = self._connection.execute(_text(sql), parameters).fetchone()
        return row[0] if row else None

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
        return right.grant.format(role=self.value("select pg_catalog.quote_ident(current_user)"))

    def _look_in(self, path: str) -> None:
        if self._local is None:
            self.value("select pg_catalog.set_config('search_path', %s, false)", [path])
        else:
            self._local["search_path"] = path

    @contextmanager
    def _asking(self) -> Iterator[None]:
        with translated(), ExitStack() as stack:
            if self._local is not None:
                stack.enter_context(self._connection.transaction())
                self._connection.execute(_SET_LOCAL, [list(self._local), list(self._local.values())])
            yield


@contextmanager
def session(
    endpoint: Endpoint, application: str, *, statement_timeout_s: float = 15, lock_timeout_s: float = 2
) -> Iterator[Postgres]:
    """A read-only session with statement, lock and idle timeouts. Raises BrokenError when there is no connection."""
    settings = {
        "statement_timeout": f"{round(statement_timeout_s * 1000)}ms",
        "lock_timeout": f"{round(lock_timeout_s * 1000)}ms",
        "idle_in_transaction_session_timeout": "60s",
        "client_encoding": "UTF8",
        "search_path": "pg_catalog",
        "TimeZone": "UTC",
        "DateStyle": "ISO",
    }
    with endpoint.connect(application) as connection:
        with translated():
            direct = set_if_direct(connection, {"default_transaction_read_only": "on", **settings})
        yield Postgres(connection, None if direct else {"transaction_read_only": "on", **settings})


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours, which say what it means and whether a retry makes sense."""
    import psycopg

    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise CannotAskError(f"not permitted: {_first(error)}", "run `upkeep doctor` for the missing grant") from error
    except (psycopg.errors.UndefinedFunction, psycopg.errors.UndefinedTable, psycopg.errors.FeatureNotSupported) as error:
        raise CannotAskError(f"this server does not offer it: {_first(error)}") from error
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        raise CannotAskError(f"not possible in the server's present state: {_first(error)}") from error
    except psycopg.errors.QueryCanceled as error:
        raise BrokenError(
            f"the question was cut off: {_first(error)}", "raise statement_timeout_s of this target", retry=True
        ) from error
    except psycopg.errors.LockNotAvailable as error:
        raise BrokenError(f"waited too long for a lock: {_first(error)}", "see the blocking check", retry=True) from error
    except psycopg.OperationalError as error:
        raise BrokenError(f"the connection broke: {_first(error)}", "see the server's log", retry=True) from error


def _sql_for(asker: Path, version: int) -> str:
    older = {int(m[1]): p for p in asker.parent.glob(f"{asker.stem}.pg*.sql") if (m := re.search(r"\.pg(\d+)\.sql$", p.name))}
    fitting = [p for limit, p in sorted(older.items()) if version <= limit]
    return (fitting[0] if fitting else asker.with_suffix(".sql")).read_text(encoding="utf-8")


_NO_OPTION = {"host", "hostaddr", "port", "user", "password", "dbname", "application_name", "connect_timeout", *client_side()}


def _text(sql: str) -> Any:
    return sql.encode()


_WORDS = (
    (r"could not translate host name|resolve host|Name or service not known", "the host name does not resolve", True),
    (r"password authentication failed|no password supplied", "the login was refused", False),
    (r"no pg_hba.conf entry", "the server does not let this role in from here (pg_hba.conf)", False),
    (r'database ".*" does not exist', "there is no such database", False),
    (r"role .* does not exist", "there is no such role", False),
    (r"too many clients|remaining connection slots", "the server has no connection left", True),
    (r"starting up|shutting down|not yet accepting|in recovery", "the server is starting or stopping", True),
    (r"Connection refused|No route|timeout|timed out|no answer within", "the server does not answer", True),
)


def _no_connection(endpoint: Endpoint, error: Exception) -> BrokenError:
    said = _first(error)
    where = f"{endpoint.host}:{endpoint.port}/{endpoint.database or ''} as {endpoint.user or 'the default role'}"
    for pattern, meaning, retry in _WORDS:
        if re.search(pattern, str(error), re.IGNORECASE):
            return BrokenError(f"{meaning}: {where} ({said})", "correct the Airflow connection" if not retry else "", retry=retry)
    return BrokenError(f"no connection to {where}: {said}", "", retry=True)


def _first(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
