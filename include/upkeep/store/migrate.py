"""
Bring the report database's schema up to date, all or nothing.

`migrations/` has numbered files, each applied once and never changed. `functions/` has what may be defined again: each file is
applied when it is new or was changed, after all migrations, so that a function stands in one place. One whose parameters or
columns change is dropped by a migration first.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError, UpkeepError
from upkeep.sources.postgres import Endpoint

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composed

FUNCTIONS = "functions/"
_LOCK = 7_305_801_947
_SETUP = """
    create table if not exists upkeep.migration (
        name text primary key,
        checksum text not null,
        applied_at timestamptz not null default pg_catalog.clock_timestamp()
    );
    comment on schema upkeep is 'Upkeep: duties, answers, metrics, findings and reports of the maintenance programme.';
    comment on table upkeep.migration is 'Which parts of the schema have been applied.';
    comment on column upkeep.migration.name is 'File of the migration.';
    comment on column upkeep.migration.checksum is 'SHA-256 of what was applied.';
    comment on column upkeep.migration.applied_at is 'When it was applied.';
"""
_APPLIED = """
    insert into upkeep.migration (name, checksum) values (%s, %s)
    on conflict (name) do update set checksum = excluded.checksum, applied_at = pg_catalog.clock_timestamp()
"""
_MAKE_ANOTHER = """as an administrator make another database, give it to the same login, and name it in the connection upkeep_db:
create database upkeep_reports encoding 'UTF8' locale 'C' template template0;"""


def migrations() -> dict[str, str]:
    """SQL by name: migrations in the order of their numbers, then functions."""
    return _texts("migrations") | {f"{FUNCTIONS}{name}": text for name, text in _texts("functions").items()}


def missing(applied: Mapping[str, str]) -> dict[str, str]:
    """What is to be applied, given the checksums of what was: what is new, and functions that were changed."""
    return {
        name: sql
        for name, sql in migrations().items()
        if name not in applied or (name.startswith(FUNCTIONS) and applied[name] != checksum(sql))
    }


def checksum(sql: str) -> str:
    """What `upkeep.migration` remembers of a text."""
    return hashlib.sha256(sql.encode()).hexdigest()


@cache
def _texts(folder: str) -> dict[str, str]:
    found = sorted((files("upkeep.store") / folder).iterdir(), key=lambda file: file.name)
    return {file.name: file.read_text(encoding="utf-8") for file in found if file.name.endswith(".sql")}


def migrate(endpoint: Endpoint) -> list[str]:
    """
    Apply what is missing and return its names.

    One transaction under an advisory lock: killed at any point, nothing has happened; two at once, the second waits and finds
    nothing to do. Raises UpkeepError when an applied file was changed afterwards, and BrokenError when the database's encoding
    is not UTF8, or the login may not make the schema.
    """
    with endpoint.connect("upkeep migrate", autocommit=False) as connection:
        _refuse_other_encodings(connection)
        connection.execute("select pg_catalog.pg_advisory_xact_lock(%s)", [_LOCK])
        _make_schema(connection)
        applied = _applied(connection)
        _refuse_changed(applied)
        new = missing(applied)
        for name, sql in new.items():
            connection.execute(sql.encode())
            connection.execute(_APPLIED, [name, checksum(sql)])
    return list(new)


def pending(endpoint: Endpoint) -> list[str]:
    """Names of what is not applied yet; all of them when the schema is not there. Raises BrokenError as `migrate` does."""
    with endpoint.connect("upkeep migrate") as connection:
        _refuse_other_encodings(connection)
        exists = connection.execute("select pg_catalog.to_regclass('upkeep.migration') is not null").fetchone()
        if not exists or not exists[0]:
            return list(migrations())
        return list(missing(_applied(connection)))


def _applied(connection: "psycopg.Connection[Any]") -> dict[str, str]:
    return dict(connection.execute("select name, checksum from upkeep.migration").fetchall())


def _refuse_changed(applied: Mapping[str, str]) -> None:
    for name, sql in migrations().items():
        if not name.startswith(FUNCTIONS) and applied.get(name, checksum(sql)) != checksum(sql):
            raise UpkeepError(f"{name} was changed after it had been applied; add a new migration instead")


def _make_schema(connection: "psycopg.Connection[Any]") -> None:
    """The schema, unless it is there: a login that owns it alone may not make one, and PostgreSQL asks for that right first."""
    import psycopg

    try:
        if connection.execute("select pg_catalog.to_regnamespace('upkeep') is null").fetchone() == (True,):
            connection.execute("create schema upkeep")
        connection.execute(_SETUP)
    except psycopg.errors.InsufficientPrivilege as error:
        user, database = connection.info.user, connection.info.dbname
        reason = f'{user} may not make the schema upkeep in the report database "{database}", or does not own it'
        remedy = f"in that database, as an administrator:\n{_give_schema(user).as_string(connection)}"
        raise BrokenError(reason, remedy, retry=False) from error


def _give_schema(user: str) -> "Composed":
    from psycopg.sql import SQL, Identifier

    return SQL("create schema if not exists upkeep; alter schema upkeep owner to {};").format(Identifier(user))


def _refuse_other_encodings(connection: "psycopg.Connection[Any]") -> None:
    """Reports hold names of every server in the world: another encoding lacks some, and SQL_ASCII gives back bytes."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        reason = f'the encoding of the report database "{connection.info.dbname}" is {encoding}; Upkeep needs UTF8'
        raise BrokenError(reason, _MAKE_ANOTHER, retry=False)


def try_writing(connection: "psycopg.Connection[Any]") -> None:
    """Write one row in the caller's transaction, which the caller rolls back. Raises psycopg's error when that is not allowed."""
    connection.execute("insert into upkeep.migration (name, checksum) values ('written by the doctor', '')")
