"""
How many bytes a table or B-tree index needs, against those it has. Pure arithmetic over PostgreSQL's page layout.

Sources: PostgreSQL's documentation, "Database Page Layout" (page, item and tuple headers), "TOAST" and "B-Tree Indexes:
Deduplication"; and the limits of the server's own nbtsort.c (a built posting list ends at a tenth of a page) and nbtree.h (fill
factor 90 for leaves, 70 above them). The usual published estimates know neither padding nor posting lists.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

PAGE_HEADER = 24
ITEM = 4
HEAP_TUPLE = 23
INDEX_TUPLE = 8
INDEX_SPECIAL = 16
TID = 6
ALIGN = 8
INNER_FILL = 70
CHUNKS_PER_PAGE = 4


@dataclass(frozen=True, slots=True)
class Column:
    """A stored column: mean bytes of its values that are not null, their alignment (1, 2, 4, 8), and the share of nulls."""

    width: float
    align: int = 1
    null_share: float = 0


def aligned(size: float, to: int = ALIGN) -> float:
    """The next multiple of `to`."""
    return math.ceil(size / to) * to


def heap_tuple_bytes(columns: Iterable[Column]) -> float:
    """
    Mean size of a row with its header and the padding between and behind its columns.

    Columns that are mostly null take no room in the typical row, and rarer nulls a share of theirs.
    """
    stored = list(columns)
    bitmap = math.ceil(len(stored) / 8) if any(c.null_share for c in stored) else 0
    size = aligned(HEAP_TUPLE + bitmap)
    for column in stored:
        start = aligned(size, column.align) if column.null_share < 0.5 else size  # noqa: PLR2004 - the typical row
        size = start + column.width * (1 - column.null_share)
    return aligned(size)


def heap_bytes(rows: float, tuple_bytes: float, page: int, fill: float = 100) -> float:
    """Bytes of a table freshly written: whole pages, each with as many rows as fit below the fill factor (per cent)."""
    room = (page - PAGE_HEADER) - page * (100 - fill) / 100
    per_page = max(1, math.floor(room / (tuple_bytes + ITEM)))
    return math.ceil(rows / per_page) * page


def toast_bytes(chunks: float, page: int, each: float = math.inf) -> float:
    """
    The most that so many TOAST chunks need: values are cut so that four chunks fill a page, and only a last one is shorter.

    Where `each`, their mean size, is known and small, most values are single chunks and are packed like rows.
    """
    if each < page / (2 * CHUNKS_PER_PAGE):
        return heap_bytes(chunks, each, page)
    return math.ceil(chunks / CHUNKS_PER_PAGE) * page


def index_tuple_bytes(columns: Iterable[Column]) -> float:
    """Mean size of an index entry, padded, without its item pointer."""
    stored = list(columns)
    size: float = INDEX_TUPLE + (ALIGN if any(c.null_share for c in stored) else 0)
    for column in stored:
        size = aligned(size, column.align) + column.width * (1 - column.null_share)
    return aligned(size)


def btree_bytes(rows: float, distinct: float, tuple_bytes: float, page: int, *, deduplicates: bool, fill: float = 90) -> float:
    """
    Bytes of a B-tree freshly built over `rows` entries with `distinct` different keys.

    With deduplication entries of one key share its bytes: each posting list holds its key once and six bytes a row, and ends at a
    tenth of a page.
    """
    if rows <= 0:
        return float(page)
    leaf = _entries_bytes(rows, max(1.0, min(distinct, rows)), tuple_bytes, page, deduplicates=deduplicates)
    room = page - PAGE_HEADER - INDEX_SPECIAL
    pages = math.ceil(leaf / (room - page * (100 - fill) / 100 - tuple_bytes - ITEM))
    return (1 + pages + _inner_pages(pages, tuple_bytes, page)) * page


def btree_bytes_of(leaf_pages: float, inner_pages: float, density: float, page: int, fill: float = 90) -> float:
    """
    Bytes of a B-tree rebuilt from leaves `density` per cent full, as pgstatindex measures: deleted pages are gone then.

    The pages above the leaves become fewer as the leaves do.
    """
    room = page - PAGE_HEADER - INDEX_SPECIAL
    pages = max(1, math.ceil(leaf_pages * room * density / 100 / (room - page * (100 - fill) / 100)))
    inner = math.ceil(inner_pages * pages / leaf_pages) if leaf_pages and pages > 1 else 0
    return (1 + pages + inner) * page


def widths_note(days: float | None) -> str:
    """How old the widths are that an estimate is made of: days since the analyze that took them, None when nobody knows."""
    return "estimated from widths of unknown age" if days is None else f"estimated from widths {days:,.1f} days old"


def _entries_bytes(rows: float, distinct: float, tuple_bytes: float, page: int, *, deduplicates: bool) -> float:
    each = rows / distinct
    if not deduplicates or each < 2:  # noqa: PLR2004 - a posting list has two rows at least
        return rows * (tuple_bytes + ITEM)
    longest = math.floor(page / 10 / ALIGN) * ALIGN - ITEM
    most = max(1, math.floor((longest - tuple_bytes) / TID))
    full, rest = divmod(each, most)
    return distinct * (full * _posting(most, tuple_bytes) + (_posting(rest, tuple_bytes) if rest else 0))


def _posting(rows: float, tuple_bytes: float) -> float:
    return aligned(tuple_bytes + (TID * rows if rows >= 2 else 0)) + ITEM  # noqa: PLR2004 - one row needs no list


def _inner_pages(children: int, tuple_bytes: float, page: int) -> int:
    """Pages above the leaves; every one holds a pivot for each page below, with a row's address where keys repeat."""
    fanout = max(2, math.floor((page - PAGE_HEADER - INDEX_SPECIAL) * INNER_FILL / 100 / (tuple_bytes + ITEM)))
    pages = 0
    while children > 1:
        children = math.ceil(children / fanout)
        pages += children
    return pages
