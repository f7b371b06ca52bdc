"""PostgreSQL: a read-only session with timeouts, whose questions are `.sql` files and whose rows are typed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.rights import Right

if TYPE_CHECKING:
    import psycopg

Row = TypeVar("Row")

CONNECT_TIMEOUT_S = 10
_SEE_EXTENSIONS = """
    select pg_catalog.set_config(
        'search_path', 'pg_catalog, ' || string_agg(distinct extnamespace::regnamespace::text, ', '), false
    )
    from pg_catalog.pg_extension
    where extname = any(%s)
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

    def connect(self, application: str, **more: Any) -> "psycopg.Connection[Any]":
        """A plain connection, autocommit. Raises BrokenError in words that say what to do."""
        import psycopg

        usual: dict[str, Any] = {
            "application_name": application[:63],
            "connect_timeout": CONNECT_TIMEOUT_S,
            "autocommit": True,
        }
        try:
            return psycopg.connect(
                host=self.host,
                port=self.port,
                user=self.user,
                password=self.password,
                dbname=self.database,
                **{**usual, **self.options, **more},
            )
        except psycopg.OperationalError as error:
            raise _no_connection(self, error) from error


class Postgres:
    """An open session that can only read. Made by `session`; give `measure` the asking file and a row type."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

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

        with translated(), self._connection.cursor(row_factory=class_row(row)) as cursor:
            return list(cursor.execute(_text(sql), parameters))

    def value(self, sql: str, parameters: Sequence[Any] | None = None) -> Any:
        """First column of the first row, or None."""
        with translated():
            row = self._connection.execute(_text(sql), parameters).fetchone()
        return row[0] if row else None

    def missing(self, needs: Sequence[Right]) -> tuple[Right, ...]:
        """Those of `needs` that this session does not have. Extensions that it has become visible to its questions."""
        lacking = tuple(right for right in needs if not self.value(right.test))
        extensions = [right.extension for right in needs if right.extension and right not in lacking]
        if extensions:
            self.value(_SEE_EXTENSIONS, [extensions])
        return lacking

    def grant_for(self, right: Right) -> str:
        """The statement that gives this session's role the right, its name quoted by the server."""
        return right.grant.format(role=self.value("select pg_catalog.quote_ident(current_user)"))


@contextmanager
def session(
    endpoint: Endpoint, application: str, *, statement_timeout_s: float = 15, lock_timeout_s: float = 2
) -> Iterator[Postgres]:
    """A read-only session with statement, lock and idle timeouts. Raises BrokenError when there is no connection."""
    settings = {
        "default_transaction_read_only": "on",
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
            each = ", ".join(["pg_catalog.set_config(%s, %s, false)"] * len(settings))
            connection.execute(_text(f"select {each}"), [word for pair in settings.items() for word in pair])
        yield Postgres(connection)


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
    (r"Connection refused|No route|timeout|timed out", "the server does not answer", True),
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
