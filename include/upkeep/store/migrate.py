"""Bring the report database's schema up to date: numbered `.sql` files, each applied once, all or nothing."""

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError, UpkeepError
from upkeep.sources.postgres import Endpoint

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composed

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
_MAKE_ANOTHER = """as an administrator make another database, give it to the same login, and name it in the connection upkeep_db:
create database upkeep_reports encoding 'UTF8' locale 'C' template template0;"""


def migrations() -> dict[str, str]:
    """SQL by file name, in the order of their numbers."""
    folder = files("upkeep.store") / "migrations"
    return {
        f.name: f.read_text(encoding="utf-8") for f in sorted(folder.iterdir(), key=lambda f: f.name) if f.name.endswith(".sql")
    }


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
        applied = dict(connection.execute("select name, checksum from upkeep.migration").fetchall())
        done = []
        for name, sql in migrations().items():
            checksum = hashlib.sha256(sql.encode()).hexdigest()
            if name not in applied:
                connection.execute(sql.encode())
                connection.execute("insert into upkeep.migration (name, checksum) values (%s, %s)", [name, checksum])
                done.append(name)
            elif applied[name] != checksum:
                msg = f"{name} was changed after it had been applied; add a new migration instead"
                raise UpkeepError(msg)
    return done


def pending(endpoint: Endpoint) -> list[str]:
    """Names of migrations not applied yet; all of them when the schema is not there. Raises BrokenError as `migrate` does."""
    with endpoint.connect("upkeep migrate") as connection:
        _refuse_other_encodings(connection)
        exists = connection.execute("select pg_catalog.to_regclass('upkeep.migration') is not null").fetchone()
        if not exists or not exists[0]:
            return list(migrations())
        applied = {name for (name,) in connection.execute("select name from upkeep.migration").fetchall()}
    return [name for name in migrations() if name not in applied]


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
