"""What tests of destinations share: a manifest of a live database, and databases that go with the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from psycopg.sql import SQL, Identifier

from tests.lab import login
from tests.replica import wait_until
from upkeep.backups import catalogue
from upkeep.backups.destination import Destination
from upkeep.backups.manifest import Content, Manifest
from upkeep.backups.names import shown
from upkeep.backups.neutral import neutral
from upkeep.sources.scratch import ScratchServer

BACKUP = "20261125T000000Z-abcdef"
_TABLES = """
    select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.oid >= 16384 and n.nspname !~ '^pg_'
"""


def run(server: ScratchServer, database: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements as superuser; the rows of the last one. At the end the server has seen the session leave."""
    rows: list[tuple[Any, ...]] = []
    with server.endpoint(database).connect("plant") as connection:
        gone = f"select not exists (select from pg_stat_activity where pid = {connection.info.backend_pid})"
        for statement in statements:
            cursor = connection.execute(statement.encode())
            rows = cursor.fetchall() if cursor.description else []
    wait_until(server, gone)
    return rows


def manifest_of(server: ScratchServer, database: str, **more: Any) -> Manifest:
    """The manifest of a database as it stands, without objects."""
    at = datetime(2026, 11, 25, tzinfo=UTC)
    with server.endpoint(database).connect("plant") as connection:
        neutral(connection)
        tables = connection.execute(_TABLES.encode()).fetchall()
        counts = [connection.execute(SQL("select count(*) from only {}").format(Identifier(*each))).fetchone() for each in tables]
        large = connection.execute("select count(*) from pg_largeobject_metadata").fetchone()
        made = Manifest(
            id=BACKUP,
            target="shop",
            database=catalogue.database_facts(connection),
            system_identifier="1",
            encoding="UTF8",
            server_version=connection.info.server_version // 10000,
            client_version=18,
            begun_at=at,
            snapshot_at=at,
            objects=(),
            contents=(
                *(Content(shown(*each), count[0] if count else 0, "") for each, count in zip(tables, counts, strict=True)),
                Content("large objects", large[0] if large else 0, ""),
            ),
            sequences={},
            entries=catalogue.entries(connection),
        )
    return replace(made, **more)


@contextmanager
def database(server: ScratchServer, name: str, *statements: str, create: str = "template template0") -> Iterator[str]:
    """A database that is dropped at the end, whatever its flags."""
    drop(server, name)
    with server.endpoint().connect("plant") as admin:
        admin.execute(SQL("create database {} {}").format(Identifier(name), SQL(create)))
    try:
        run(server, name, *statements)
        yield name
    finally:
        drop(server, name)


def drop(server: ScratchServer, name: str) -> None:
    """Drop a database, whatever its flags."""
    with server.endpoint().connect("plant") as admin:
        if admin.execute("select from pg_database where datname = %s", [name]).fetchone() is not None:
            admin.execute(SQL("alter database {} is_template false").format(Identifier(name)))
            admin.execute(SQL("drop database {} with (force)").format(Identifier(name)))


def make(into: Destination, manifest: Manifest, *statements: str) -> Manifest:
    """A restore up to its data: the database, and what these statements bring as the restore's own work."""
    major, was_there = into.check(manifest)
    if was_there:
        with into.admin() as admin:
            into.mark(admin, manifest.id)
    else:
        into.create(manifest, major)
    into.prepare(manifest)
    with into.session() as connection:
        for statement in statements:
            connection.execute(statement.encode())
    return manifest


def roles(server: ScratchServer, *names: str) -> None:
    """Drop roles that a test made, and what restores were lent."""
    with server.endpoint().connect("plant") as admin:
        left = [str(row[0]) for row in admin.execute("select rolname from pg_roles where rolname like 'upkeep_lent%'")]
        for name in (*left, *names):
            if admin.execute("select from pg_roles where rolname = %s", [name]).fetchone() is not None:
                admin.execute(SQL("drop role {}").format(Identifier(name)))


def as_login(server: ScratchServer, user: str, name: str) -> Destination:
    """A database as another login reaches it."""
    return Destination(login(server, user, "postgres"), name)
