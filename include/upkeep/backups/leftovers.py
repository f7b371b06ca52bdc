"""What stands in a half-restored database that the restore did not bring: then it is somebody's, and is not dropped."""

from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.backups import catalogue
from upkeep.backups.lent_roles import PREFIX
from upkeep.backups.manifest import Manifest
from upkeep.backups.names import shown
from upkeep.humanize import plural

if TYPE_CHECKING:
    import psycopg

# The application's name of every session of a restore begins so.
APPLICATION = "upkeep restore"
_LARGE_OBJECTS = "large objects"
# What every new database has.
_OF_THE_TEMPLATE = {("schema", "public"), ("extension", "plpgsql"), ("comment", "schema public")}
# Entries that say something about objects, or about the server, and are no objects that somebody made.
_NO_OBJECTS = {
    _LARGE_OBJECTS, "database", "rights", "dependency", "extension version", "collation version", "role", "membership",
    "setting of role", "right on parameter", "tablespace", "text of function", "query",
}  # fmt: skip
_PREPARED = "select x.gid from pg_catalog.pg_prepared_xacts as x where x.database = pg_catalog.current_database() order by x.gid"
_NUMBER_OF_LARGE_OBJECTS = "select count(*) from pg_catalog.pg_largeobject_metadata"


def foreign(connection: "psycopg.Connection[Any]", manifest: Manifest, *, strict: bool) -> Iterator[str]:
    """
    Everything in the session's database that a restore of this backup cannot have brought, in words.

    Unless `strict`, tables that this login may not read are passed over.
    """
    yield from _objects(connection, manifest)
    yield from _rows(connection, manifest, strict=strict)
    count = connection.execute(_NUMBER_OF_LARGE_OBJECTS).fetchone()
    expected = sum(content.rows for content in manifest.contents if content.key == _LARGE_OBJECTS)
    if count and count[0] > expected:
        yield f"{plural(count[0], 'large object')}, the backup has {expected}"
    for (gid,) in connection.execute(_PREPARED).fetchall():
        yield f"a prepared transaction {gid}"


def sessions(admin: "psycopg.Connection[Any]", database: str, *, own: bool) -> list[tuple[int, str]]:
    """Process ids and descriptions of the sessions in a database: a restore's own, or everybody else's."""
    wanted = {"database": database, "application": APPLICATION}
    rows = admin.execute((files("upkeep.backups") / "sessions_there.sql").read_bytes(), wanted).fetchall()
    return [(row[0], f"a session of {row[1]}" + (f" ({row[2]})" if row[2] else "")) for row in rows if row[3] == own]


def _objects(connection: "psycopg.Connection[Any]", manifest: Manifest) -> Iterator[str]:
    known = {(entry.kind, entry.key) for entry in manifest.entries} | _OF_THE_TEMPLATE
    for entry in catalogue.entries(connection):
        is_object = entry.kind not in _NO_OBJECTS and not catalogue.is_row(entry)
        is_lent = bool(entry.grants) and all(line.startswith(PREFIX) for line in entry.grants)
        if is_object and not is_lent and (entry.kind, entry.key) not in known:
            yield f"{entry.kind} {entry.key}"


def _rows(connection: "psycopg.Connection[Any]", manifest: Manifest, *, strict: bool) -> Iterator[str]:
    tables = connection.execute((files("upkeep.backups") / "leftovers.sql").read_bytes()).fetchall()
    limits = _limits(tables, manifest)
    counted = Counter[str]()
    for schema, name, root_schema, root_name, readable, updated, deleted in tables:
        key, tree = shown(schema, name), shown(root_schema, root_name)
        if updated or deleted:
            yield f"table {key}, in which rows were changed or deleted"
        elif readable:
            counted[tree] += _count(connection, schema, name, limits[tree] - counted[tree] + 1)
        elif strict:
            yield f"table {key}, which this login may not read"
    for tree, rows in counted.items():
        if rows > limits[tree]:
            yield f"table {tree} with more than the {plural(limits[tree], 'row')} of the backup"


def _limits(tables: list[tuple[Any, ...]], manifest: Manifest) -> Counter[str]:
    """Rows of the backup by table, of partitions by their tree: where a row lies may depend on the server."""
    rows = {content.key: content.rows for content in manifest.contents}
    limits = Counter[str]()
    for schema, name, root_schema, root_name, *_ in tables:
        limits[shown(root_schema, root_name)] += rows.get(shown(schema, name), 0)
    return limits


def _count(connection: "psycopg.Connection[Any]", schema: str, name: str, limit: int) -> int:
    from psycopg.sql import SQL, Identifier, Literal

    table = Identifier(schema, name)
    statement = SQL("select count(*) from (select from only {} limit {}) as r").format(table, Literal(max(limit, 0)))
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
