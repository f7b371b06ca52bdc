"""The newest moment that a copy holds: a heartbeat's row, or the newest value of a column of the application."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from upkeep.drills.reader import reading
from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.postgres import Endpoint
from upkeep.targets.recovery import Heartbeat

if TYPE_CHECKING:
    import psycopg

TIMEOUT_S = 300
TABLE = "heartbeat"
_NAMES = """
    select namespace.nspname, class.relname
    from pg_catalog.pg_class as class
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = class.relnamespace
    where class.oid = %s
"""


@dataclass(frozen=True, slots=True)
class Point:
    """The newest moment, None where the rows show none; `source` says where it was read."""

    at: datetime | None
    source: str


def newest(reader: Endpoint, heartbeat: Heartbeat, target: str) -> Point:
    """
    Read it. A time without a zone is taken as UTC, and infinity is no moment.

    Raises CannotAskError when what the inventory names is not in the copy or is no time, and BrokenError.
    """
    import psycopg

    try:
        with reading(reader, TIMEOUT_S) as connection:
            return _beat(connection, heartbeat, target) if heartbeat.is_ours else _column(connection, heartbeat)
    except (psycopg.Error, CannotAskError) as error:
        raise CannotAskError(f"the newest moment could not be read: {' '.join(str(error).split())}") from error


def _beat(connection: "psycopg.Connection[Any]", heartbeat: Heartbeat, target: str) -> Point:
    from psycopg.sql import SQL, Identifier

    name = Identifier(heartbeat.schema_name, TABLE)
    if _oid(connection, name.as_string(connection)) is None:
        raise CannotAskError(
            f"the copy has no table {name.as_string(connection)}: the heartbeat was not there yet when it was taken"
        )
    row = connection.execute(SQL("select max(beat_at) from {} where target = %s").format(name), [target]).fetchone()
    return Point(row[0] if row else None, "heartbeat")


def _column(connection: "psycopg.Connection[Any]", heartbeat: Heartbeat) -> Point:
    from psycopg.sql import SQL, Identifier

    oid = _oid(connection, str(heartbeat.table))
    if oid is None:
        raise CannotAskError(f"the copy has no table {heartbeat.table}", "correct heartbeat.table in the inventory")
    names = connection.execute(_NAMES, [oid]).fetchone()
    table, column = Identifier(*(names or ())), Identifier(str(heartbeat.column))
    finite = SQL("select max({column}) from {table} where pg_catalog.isfinite({column})")
    row = connection.execute(finite.format(column=column, table=table)).fetchone()
    return Point(_moment(row[0] if row else None), f"{heartbeat.table}.{heartbeat.column}")


def _oid(connection: "psycopg.Connection[Any]", name: str) -> int | None:
    import psycopg

    try:
        row = connection.execute("select pg_catalog.to_regclass(%s)::pg_catalog.oid", [name]).fetchone()
    except psycopg.Error as error:
        raise BrokenError(
            f"{name} is no table's name: {error}", "correct heartbeat.table in the inventory", retry=False
        ) from error
    return int(row[0]) if row and row[0] is not None else None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.combine(value, time(), UTC) if isinstance(value, date) else None
