"""
Row counts and content digests of every table, in one snapshot.

A digest is a multiset hash: the sum over all rows of a 64-bit hash of the row's text (Clarke, Devadas, van Dijk, Gassend and Suh
2003, "Incremental Multiset Hash Functions and Their Application to Memory Integrity Checking", MSet-Add-Hash; here against
accidents, not against forgers). It does not depend on the order of rows. The row's text is made under fixed settings and hashed
byte by byte with `hashtextextended` under collation "C", whose results hash partitions and pg_upgrade rely on, so that it
depends neither on locale nor on the server's major version. The database's encoding is compared on its own.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.backups.manifest import Content
from upkeep.backups.names import shown

if TYPE_CHECKING:
    import psycopg

Session = Callable[[], AbstractContextManager["psycopg.Connection[Any]"]]
LARGE_OBJECTS = "large objects"
LOCK_TIMEOUT = "120s"

# What the text of a value depends on. row_security off turns a filtered read into an error, as in pg_dump.
SETTINGS = {
    "search_path": "pg_catalog",
    "client_encoding": "UTF8",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "lc_monetary": "C",
    "xmlbinary": "base64",
    "xmloption": "content",
    "quote_all_identifiers": "off",
    "row_security": "off",
    "statement_timeout": "0",
    "lock_timeout": LOCK_TIMEOUT,
    "idle_in_transaction_session_timeout": "0",
    "default_transaction_read_only": "on",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One relation: `kind` is r (table), f (foreign table) or m (materialised view); `condition` limits an extension's rows."""

    oid: int
    schema: str
    name: str
    kind: str
    persistence: str
    condition: str

    @property
    def key(self) -> str:
        """The qualified name."""
        return shown(self.schema, self.name)


def settle(connection: "psycopg.Connection[Any]") -> None:
    """Give a session the settings that digests need."""
    each = ", ".join(["pg_catalog.set_config(%s, %s, false)"] * len(SETTINGS))
    connection.execute(f"select {each}".encode(), [word for pair in SETTINGS.items() for word in pair])


def relations(connection: "psycopg.Connection[Any]") -> list[Table]:
    """Every relation that a dump holds or leaves out, the largest first."""
    from psycopg.rows import class_row

    with connection.cursor(row_factory=class_row(Table)) as cursor:
        return list(cursor.execute(_sql("tables")))


def not_covered(tables: Iterable[Table]) -> tuple[str, ...]:
    """Whose rows a backup does not prove, and why, in words."""
    why = {
        "f": "foreign table: its rows live on another server",
        "m": "materialised view: made anew when restored, its rows are not compared",
    }
    return tuple(f"{why[table.kind]}: {table.key}" for table in tables if table.kind in why)


def contents(session: Session, tables: Sequence[Table], jobs: int = 1) -> tuple[Content, ...]:
    """Counts and digests of all tables and of the large objects, `jobs` at a time, each in a session of its own."""
    with_rows = [table for table in tables if table.kind == "r"]
    with ThreadPoolExecutor(jobs, "digest") as pool:
        blobs = pool.submit(_large_objects, session)
        shares = [pool.submit(_share, session, with_rows[start::jobs]) for start in range(jobs)]
        found = [content for share in shares for content in share.result()]
        return tuple(sorted([*found, blobs.result()], key=lambda content: content.key))


def _share(session: Session, tables: Sequence[Table]) -> list[Content]:
    if not tables:
        return []
    with session() as connection:
        return [_content(connection, table) for table in tables]


def _content(connection: "psycopg.Connection[Any]", table: Table) -> Content:
    from psycopg.sql import SQL, Identifier

    # The whole row as (alias.*): a bare alias would mean a column of that name where a table has one.
    statement = SQL(
        'select count(*), coalesce(sum(hashtextextended((content.*)::text collate "C", 0)), 0)::text from only {} as content '
    ).format(Identifier(table.schema, table.name)) + SQL(table.condition)
    row = connection.execute(statement).fetchone()
    assert row  # noqa: S101 - an aggregate has one row
    return Content(table.key, int(row[0]), str(row[1]))


def _large_objects(session: Session) -> Content:
    with session() as connection:
        row = connection.execute(_sql("large_objects")).fetchone()
    assert row  # noqa: S101 - an aggregate has one row
    return Content(LARGE_OBJECTS, int(row[0]), str(row[1]))


def _sql(name: str) -> Any:
    return (files("upkeep.backups") / f"{name}.sql").read_text(encoding="utf-8")
