"""The row that says until when a copy of a database is whole: one for each installation and target, replaced by key."""

from contextlib import suppress
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composed

APPLICATION = "upkeep heartbeat"
TABLE = "heartbeat"
LIMITS = {"statement_timeout": "30s", "lock_timeout": "5s", "default_transaction_read_only": "off"}
_CREATE = """
    create table {table} (
        installation text not null,
        target text not null,
        beat_at timestamptz not null,
        primary key (installation, target)
    ) with (fillfactor = 50)
"""
# By the server's own clock, which is also that of a backup's snapshot. A clock that jumped is set right by the next beat.
_BEAT = """
    insert into {table} (installation, target, beat_at)
    values (%s, %s, pg_catalog.clock_timestamp())
    on conflict (installation, target) do update
    set beat_at = excluded.beat_at
    returning beat_at
"""


def missing(connection: "psycopg.Connection[Any]", schema: str) -> "Composed | None":
    """The statement that gives this session's role what it lacks to write the row; None when it lacks nothing."""
    from psycopg.rows import dict_row
    from psycopg.sql import SQL, Identifier

    names = {"schema": Identifier(schema), "table": Identifier(schema, TABLE), "role": Identifier(connection.info.user)}
    params = {"schema": schema, "table": TABLE}
    with connection.cursor(row_factory=dict_row) as cursor:
        may = cursor.execute(_question(), params).fetchone() or {}
    if not may["schema_there"]:
        return None if may["may_make_schemas"] else SQL("create schema {schema} authorization {role};").format(**names)
    if not may["usage"] or (not may["table_there"] and not may["creates"]):
        return SQL("grant usage, create on schema {schema} to {role};").format(**names)
    if may["table_there"] and not may["writes"]:
        return SQL("grant select, insert, update on table {table} to {role};").format(**names)
    return None


def _question() -> bytes:
    return (files("upkeep.drills") / "heartbeat.sql").read_text(encoding="utf-8").encode()


def beat(
    endpoint: Endpoint, schema: str, installation: str, target: str, *, dry_run: bool = False
) -> tuple[datetime | None, str]:
    """
    Write the row and give its moment, with what was done in words; with `dry_run` only look.

    Each statement is a transaction of its own that another run makes again, so it may be killed anywhere. Raises CannotAskError
    with the exact grant, and on a standby; BrokenError when there is no connection or the table is another's.
    """
    with translate_errors(), endpoint.connect(APPLICATION) as connection:
        _bounded(connection)
        _refuse_standby(connection)
        lacking = missing(connection, schema)
        if lacking is not None:
            reason = f"{connection.info.user} may not write the heartbeat in schema {schema} of {connection.info.dbname}"
            raise CannotAskError(reason, lacking.as_string(connection))
        if dry_run:
            return None, _plan(connection, schema)
        made = _prepare(connection, schema)
        return _written(connection, schema, installation, target), made


def _bounded(connection: "psycopg.Connection[Any]") -> None:
    for name, value in LIMITS.items():
        connection.execute("select pg_catalog.set_config(%s, %s, false)", [name, value])


def _refuse_standby(connection: "psycopg.Connection[Any]") -> None:
    row = connection.execute("select pg_catalog.pg_is_in_recovery()").fetchone()
    if row and row[0]:
        raise CannotAskError("a standby cannot be written to: its heartbeat comes from its primary", "declare it at the primary")


def _plan(connection: "psycopg.Connection[Any]", schema: str) -> str:
    there = _is_there(connection, schema)
    return "would replace the row" if there else f"would make the table {schema}.{TABLE} and write the row"


def _prepare(connection: "psycopg.Connection[Any]", schema: str) -> str:
    from psycopg import errors
    from psycopg.sql import SQL, Identifier

    if _is_there(connection, schema):
        return "row replaced"
    # Another run made it a moment ago, or it is there and not ours to make: then the table says so.
    with suppress(errors.UniqueViolation, errors.DuplicateSchema, errors.InsufficientPrivilege):
        connection.execute(SQL("create schema if not exists {}").format(Identifier(schema)))
    try:
        connection.execute(SQL(_CREATE).format(table=Identifier(schema, TABLE)))
    except (errors.UniqueViolation, errors.DuplicateTable, errors.DuplicateObject):
        return "row written"
    return "table made, row written"


def _is_there(connection: "psycopg.Connection[Any]", schema: str) -> bool:
    from psycopg.sql import Identifier

    name = Identifier(schema, TABLE).as_string(connection)
    row = connection.execute("select pg_catalog.to_regclass(%s) is not null", [name]).fetchone()
    return bool(row and row[0])


def _written(connection: "psycopg.Connection[Any]", schema: str, installation: str, target: str) -> datetime:
    from psycopg import errors
    from psycopg.sql import SQL, Identifier

    try:
        row = connection.execute(SQL(_BEAT).format(table=Identifier(schema, TABLE)), [installation, target]).fetchone()
    except (errors.UndefinedColumn, errors.InvalidColumnReference) as error:
        reason = f"{schema}.{TABLE} is another table than the heartbeat's: {' '.join(str(error).split())}"
        raise BrokenError(reason, "name another schema in the inventory (heartbeat: SCHEMA)", retry=False) from error
    assert row is not None  # noqa: S101 - an upsert returns its row
    return row[0]  # type: ignore[no-any-return] # timestamptz
