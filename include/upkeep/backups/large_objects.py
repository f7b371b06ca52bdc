"""
Number and digest of the large objects of a database, in bounded memory on both sides.

The digest is over lines that do not depend on how an object was written: pages without the zeros at their end, as holes read as
zeros, and a line with the size of each object. Empty objects are counted, and the catalog's entries name them.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from upkeep.backups.digest import Digest
from upkeep.backups.manifest import Content
from upkeep.backups.tables import LARGE_OBJECTS

if TYPE_CHECKING:
    import psycopg

_PAGE = 2048
_COUNT = b"select pg_catalog.count(*) from pg_catalog.pg_largeobject_metadata"
_DIRECT = b"select pg_catalog.has_table_privilege('pg_catalog.pg_largeobject', 'select')"
# Page by page in the order of its index: a sort would write the whole content to temporary files.
_ORDERED = b"select pg_catalog.set_config('enable_sort', 'off', true), pg_catalog.set_config('enable_seqscan', 'off', true)"
_PAGES = b"copy (select loid, pageno, data from pg_catalog.pg_largeobject order by loid, pageno) to stdout"
# Without the right to read that table: with the rights on each object.
_BY_FUNCTION = b"""
    copy (
        select
            m.oid,
            p.number,
            pg_catalog.lo_get(m.oid, p.number * 2048, 2048)
        from (select oid from pg_catalog.pg_largeobject_metadata order by oid) as m
        cross join lateral (
            select pg_catalog.lo_lseek64(f.descriptor, 0, 2) as bytes, f.descriptor
            from (select pg_catalog.lo_open(m.oid, 262144) as descriptor) as f
            offset 0
        ) as s
        cross join lateral pg_catalog.generate_series(0, (s.bytes + 2047) / 2048 - 1) as p (number)
    ) to stdout
"""


def content(connection: "psycopg.Connection[Any]") -> Content:
    """Of all objects that the transaction sees. Raises the driver's error for a missing right."""
    with connection.transaction():
        (objects,) = connection.execute(_COUNT).fetchone() or (0,)
        if not objects:
            return Content(LARGE_OBJECTS, 0, Digest().value)
        (direct,) = connection.execute(_DIRECT).fetchone() or (False,)
        connection.execute(_ORDERED)
        digest = Digest()
        for line in _lines(_rows(connection, _PAGES if direct else _BY_FUNCTION)):
            digest.feed(line)
    return Content(LARGE_OBJECTS, int(objects), digest.value)


def _rows(connection: "psycopg.Connection[Any]", statement: bytes) -> Iterator[bytes]:
    with connection.cursor().copy(statement) as copy:
        for row in copy:
            yield bytes(row)


def _lines(rows: Iterator[bytes]) -> Iterator[bytes]:
    last, size = b"", 0
    for row in rows:
        oid, page, data = row.rstrip(b"\n").split(b"\t")
        digits = data.removeprefix(b"\\\\x")
        if oid != last and last:
            yield b"%s\t%d\n" % (last, size)
        last, size = oid, int(page) * _PAGE + len(digits) // 2
        kept = digits.rstrip(b"0")
        if kept:
            yield b"%s\t%s\t%s\n" % (oid, page, kept + b"0" * (len(kept) % 2))
    if last:
        yield b"%s\t%d\n" % (last, size)
