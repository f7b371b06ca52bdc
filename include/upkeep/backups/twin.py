"""
The twin of a database: what a server of a given major version makes of a backup's definitions, without any row.

A server words definitions in its own way. A copy on another major version is therefore compared with a twin of that version,
which was made the same way; and the twin of the backup's own version with the backup, so that nothing is lost between the two.
"""

import re
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.backups import catalogue, creating, programs, witness
from upkeep.backups.compare import Twin, TwinOf
from upkeep.backups.definitions import text_encoding
from upkeep.backups.manifest import Manifest
from upkeep.backups.names import quoted
from upkeep.backups.roles import for_scratch
from upkeep.errors import BrokenError, UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
from upkeep.sources.scratch import installed

if TYPE_CHECKING:
    import psycopg

_NAME = "twin"
# Rows, or made of rows; a view over a foreign table would even ask another server for them.
_WITHOUT = re.compile(
    r"^\d+; \d+ \d+ (?:MATERIALIZED VIEW DATA|BLOBS?|BLOB METADATA|(?:ACL|COMMENT|SECURITY LABEL) - LARGE OBJECTS?) "
)
_SETTINGS = {"wal_level": "logical"}
_PLACES = "set allow_in_place_tablespaces = on"
# The server is ours: what a refresh would leave in the catalog is written there without its rows.
_FILLED = "update pg_catalog.pg_class set relispopulated = true where oid = %s::pg_catalog.regclass"


def twins(archive: Path, globals_sql: str, manifest: Manifest, major: int) -> Twin:
    """
    The twins for comparing a copy on another major version: one of the backup's own, one of the copy's.

    `archive` holds the definitions as pg_dump wrote them, `globals_sql` the roles. A twin that cannot be made is left out, and
    `lacking` says why.
    """
    with ThreadPoolExecutor(2, "twin") as pool:
        asked = [pool.submit(twin_of, archive, globals_sql, manifest, each) for each in (manifest.server_version, major)]
    made: list[TwinOf | None] = []
    lacking = []
    for each in asked:
        try:
            made.append(each.result())
        except UpkeepError as error:
            made.append(None)
            lacking.append(str(error).splitlines()[0])
    return Twin(own=made[0], there=made[1], lacking="; ".join(lacking))


def twin_of(archive: Path, globals_sql: str, manifest: Manifest, major: int) -> TwinOf:
    """One twin. Raises UpkeepError with the reason when it cannot be made on this machine."""
    if major not in installed():
        raise BrokenError(f"no programs of PostgreSQL {major} here", f"install postgresql-{major}", retry=False)
    folder = program_folder(manifest, major)
    with _server(major) as server, tempfile.TemporaryDirectory(prefix="upkeep-twin-") as made:
        _run_globals(server, globals_sql, folder)
        database = _database(server, manifest, Path(made), archive, folder)
        to = Path(made) / "definitions.dump"
        witness.dump_definitions(database, folder, to, encoding=text_encoding(manifest.encoding))
        with translate_errors(), database.connect("upkeep twin") as connection:
            return TwinOf(major, catalogue.entries(connection), witness.definitions_of(to, folder / "pg_restore"))


def program_folder(manifest: Manifest, major: int) -> Path:
    """The programs whose text of a copy on this major version can be compared with its twin's."""
    return programs.client(max(manifest.client_version, major))[1]


@contextmanager
def _server(major: int) -> Iterator[Endpoint]:
    from upkeep.backups.scratch_restore import scratch_server  # it imports the restore, which may ask for twins

    with scratch_server(major, _SETTINGS) as server:
        yield server.endpoint()


def _run_globals(server: Endpoint, globals_sql: str, folder: Path) -> None:
    args = programs.command(folder / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-")
    code, _, complaints = programs.ended(args, programs.environment(server, "upkeep twin"), for_scratch(globals_sql))
    if code:
        raise programs.complaint("psql with the backup's globals", code, complaints)


def _database(server: Endpoint, manifest: Manifest, work: Path, archive: Path, folder: Path) -> Endpoint:
    """The database with everything but rows."""
    with translate_errors(), server.connect("upkeep twin") as admin:
        _create(admin, manifest)
    database = replace(server, database=_NAME)
    with translate_errors(), database.connect("upkeep twin") as connection:
        _prepare(connection, manifest)
    listed = programs.run(folder / "pg_restore", "-l", str(archive), env={}).split("\n")
    chosen = work / "list"
    chosen.write_text("\n".join(line for line in listed if not _WITHOUT.match(line)), encoding="utf-8", errors=programs.ANY_BYTES)
    environment = programs.environment(database, "upkeep twin")
    args = ("--exit-on-error", "--no-subscriptions", f"--use-list={chosen}", f"--dbname={_NAME}", str(archive))
    programs.run(folder / "pg_restore", *args, env=environment)
    with translate_errors(), database.connect("upkeep twin") as connection:
        for entry in manifest.entries:
            if entry.kind == "materialized view" and '"not filled"' not in entry.definition:
                connection.execute(_FILLED.encode(), [entry.key])
    return database


def _create(admin: "psycopg.Connection[Any]", manifest: Manifest) -> None:
    import psycopg
    from psycopg.sql import SQL, Identifier, Literal

    admin.execute(_PLACES)
    for name in sorted({entry.definition for entry in manifest.entries if entry.kind == "tablespace"}):
        admin.execute(SQL("create tablespace {} location ''").format(Identifier(name)))
    try:
        admin.execute(creating.statement(admin, _NAME, {**manifest.database, "tablespace": None}))
    except psycopg.Error:
        # This machine lacks the locale. Definitions do not depend on it.
        statement = SQL("create database {} template template0 encoding {} lc_collate 'C' lc_ctype 'C'")
        admin.execute(statement.format(Identifier(_NAME), Literal(manifest.database["encoding"])))


def _prepare(connection: "psycopg.Connection[Any]", manifest: Manifest) -> None:
    """Remove what every new database has but the original had not."""
    have = {(entry.kind, entry.key) for entry in manifest.entries}
    for kind, name in (("schema", "public"), ("extension", "plpgsql")):
        if (kind, name) not in have:
            connection.execute(f"drop {kind} if exists {quoted(name)}".encode())
