"""The relations of one database, and how their rows are copied out of it and into another."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.backups.names import quoted, shown
from upkeep.sources.keepalives import Flow
from upkeep.sources.postgres import Endpoint

if TYPE_CHECKING:
    import psycopg

LARGE_OBJECTS = "large objects"
# What the text of a value depends on. row_security off turns a filtered read into an error, as in pg_dump.
SETTINGS = {
    "standard_conforming_strings": "on",
    "search_path": "",
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
    "array_nulls": "on",
    "synchronize_seqscans": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "client_min_messages": "warning",
}
_TIMEOUT_SINCE = 17


@dataclass(frozen=True, slots=True)
class Table:
    """
    One relation: `kind` is r (table), p (partitioned), f (foreign) or m (materialised view).

    `pages` are those of its own storage, `bytes` count what was moved out of its rows (TOAST) too.

    `columns` are those that COPY writes and reads, in the order of the source; generated ones are made anew. `condition` limits
    an extension's rows. Rows are loaded through `root_schema`.`root_name` where their partition may differ in another database.
    """

    oid: int
    schema: str
    name: str
    kind: str
    persistence: str
    condition: str
    of_extension: bool
    is_heap: bool
    columns: Sequence[str]
    root_schema: str | None = None
    root_name: str | None = None
    pages: int = 0
    bytes: int = 0

    @property
    def key(self) -> str:
        """The qualified name."""
        return shown(self.schema, self.name)

    @property
    def root(self) -> str | None:
        """The qualified name of the table that its rows are loaded through, unless that is itself."""
        return shown(self.root_schema, self.root_name or "") if self.root_schema else None


def settings(version: int) -> dict[str, str]:
    """What a session that copies rows is set to, on a server of this major version."""
    return {**SETTINGS, **({"transaction_timeout": "0"} if version >= _TIMEOUT_SINCE else {})}


def set_local(version: int) -> str:
    """Statements that set it for one transaction."""
    return "; ".join(f"set local {name} = '{value}'" for name, value in settings(version).items())


def encodings(server_encoding: str) -> str:
    """
    The client encoding that can say every name of a database.

    One of SQL_ASCII holds any bytes: taken for LATIN1 they are kept as they are, in both directions.
    """
    return "LATIN1" if server_encoding == "SQL_ASCII" else "UTF8"


def codec(server_encoding: str) -> str:
    """Python's name of that client encoding."""
    return {"UTF8": "utf-8", "LATIN1": "latin-1"}[encodings(server_encoding)]


@contextmanager
def session(endpoint: Endpoint, application: str) -> "Iterator[psycopg.Connection[Any]]":
    """A session that reads much, and can say every name of the database."""
    with endpoint.connect(application, flow=Flow.OUT) as connection:
        encoding = encodings(connection.info.parameter_status("server_encoding") or "UTF8")
        connection.execute(f"set client_encoding = {encoding}".encode())
        try:
            yield connection
        except BaseException:
            connection.close()  # a rollback would wait for a server that may have vanished, and does it anyway
            raise


def relations(connection: "psycopg.Connection[Any]") -> list[Table]:
    """Every relation that a dump holds or leaves out; their sizes are not known. Waits for no lock."""
    from psycopg.rows import tuple_row

    sql = (files("upkeep.backups") / "tables.sql").read_text(encoding="utf-8")
    with connection.cursor(row_factory=tuple_row) as cursor:
        return [Table(*(*row[:-3], tuple(row[-3]), *row[-2:])) for row in cursor.execute(sql.encode())]


def copy_out(table: Table, encoding: str, first_page: int = 0, end_page: int | None = None, *, is_part: bool = False) -> str:
    """The statement that writes a table's own rows, or those of a range of its pages, in the encoding of the database."""
    name, columns = quoted(table.schema, table.name), column_list(table.columns)
    if not (is_part or table.condition):
        return f"copy {name}{columns} to stdout (encoding '{encoding}')"
    upper = f" and ctid < '({end_page},0)'" if end_page is not None else ""
    where = f"where ctid >= '({first_page},0)'{upper}" if is_part else table.condition
    chosen = columns.strip(" ()")
    return f"copy (select {chosen} from only {name} {where}) to stdout (encoding '{encoding}')"  # noqa: S608 - quoted


def copy_out_through(root: Sequence[str], columns: Sequence[str], encoding: str) -> str:
    """The statement that writes the rows of a partitioned table, whichever partition they are in."""
    chosen = column_list(columns).strip(" ()")
    return f"copy (select {chosen} from {quoted(*root)}) to stdout (encoding '{encoding}')"  # noqa: S608 - quoted


def copy_in(key: Sequence[str], columns: Sequence[str], encoding: str, *, frozen: bool = False) -> str:
    """The statement that reads rows; `frozen` needs the table to be truncated in the same transaction."""
    freeze = "freeze, " if frozen else ""
    return f"copy {quoted(*key)}{column_list(columns)} from stdin ({freeze}encoding '{encoding}')"


def column_list(columns: Sequence[str]) -> str:
    """The columns in brackets; nothing where there are none, since COPY knows no empty list."""
    return f" ({', '.join(quoted(column) for column in columns)})" if columns else ""


def not_covered(tables: Iterable[Table], *, standby: bool = False) -> Iterator[str]:
    """Whose rows a backup does not hold or prove, and why."""
    for table in tables:
        if table.kind == "f":
            yield f"foreign table: its rows live on another server: {table.key}"
        elif table.kind == "m":
            yield f"materialised view: made anew when restored, its rows are not compared: {table.key}"
        elif standby and table.kind == "r" and table.persistence == "u":
            yield f"unlogged table: a standby has no rows of it: {table.key}"


def with_rows(tables: Iterable[Table], *, standby: bool = False) -> list[Table]:
    """Those whose rows are copied."""
    return [table for table in tables if table.kind == "r" and not (standby and table.persistence == "u")]


def sizes(found: Iterable[Table]) -> str:
    """The statement that measures tables, for a session that holds their locks: it opens them, as it will to copy them."""
    return _SIZES.format(relations=",".join(str(table.oid) for table in found))


def measured(found: Iterable[Table], sizes: str) -> list[Table]:
    """Those whose rows may be copied with their sizes, the largest first. `sizes` is what psql printed of them."""
    chosen = {table.oid: table for table in found if table.kind == "r"}
    rows = (map(int, line.split("|")) for line in sizes.splitlines())
    sized = [replace(chosen[oid], pages=pages, bytes=size) for oid, pages, size in rows if oid in chosen]
    return sorted(sized, key=lambda table: (-table.bytes, table.oid))


def references(connection: "psycopg.Connection[Any]") -> list[tuple[int, int]]:
    """Which table refers to which by a foreign key, as oids."""
    return [(int(one), int(other)) for one, other in connection.execute(_REFERENCES).fetchall()]


def in_order(tables: Sequence[Table], references: Iterable[tuple[int, int]]) -> list[Table]:
    """Tables of extensions so that each comes after those that it refers to: their foreign keys are there before their rows."""
    chosen = {table.oid: table for table in tables}
    graph: dict[int, set[int]] = {oid: set() for oid in chosen}
    for referring, referred in references:
        if referring in chosen and referred in chosen and referring != referred:
            graph[referring].add(referred)
    try:
        return [chosen[oid] for oid in TopologicalSorter(graph).static_order()]
    except CycleError:
        return list(tables)


# Its own pages and those of what was moved out of its rows: the other forks are small, and each is one more look at a disk.
_SIZES = """
    select
        c.oid::pg_catalog.int8,
        pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::pg_catalog.int8,
        pg_catalog.pg_relation_size(c.oid)
        + case when c.reltoastrelid = 0 then 0 else coalesce(pg_catalog.pg_relation_size(c.reltoastrelid), 0) end
    from pg_catalog.pg_class as c
    where c.oid = any('{{{relations}}}'::pg_catalog.oid[]) and c.relkind = 'r'
"""
_REFERENCES = b"""
    select conrelid::pg_catalog.int8, confrelid::pg_catalog.int8 from pg_catalog.pg_constraint where contype = 'f'
"""
