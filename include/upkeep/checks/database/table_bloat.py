"""Tables that hold far more room than their rows need."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upkeep.answer import Answer
from upkeep.checks.database.bloat import GB, MB, OR_READ, PGSTATTUPLE, Bloat, Limits, Relation, judge, metrics
from upkeep.duty import check
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.stats.bloat import ITEM, PAGE_HEADER, Column, heap_bytes, heap_tuple_bytes, toast_bytes
from upkeep.targets.database import Database
from upkeep.window import Cadence

_FUNCTION = "pgstattuple_approx(pg_catalog.regclass)"
_MEASURED = Path(__file__).with_name("table_bloat.measured.sql").read_text(encoding="utf-8")
_REMEDY = "vacuum (full, analyze) {}; -- locks it wholly; pg_repack does it without; after a plain vacuum new rows fill the room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Relation):
    """One table. `columns` are (width, alignment, share of nulls)."""

    dead: int
    columns: list[tuple[float, int, float]]
    toast_oid: int
    rewriting: bool
    toast_bytes: int
    chunks: float

    @property
    def tuple_bytes(self) -> float:
        """Mean size of a row."""
        return heap_tuple_bytes(Column(width, align, null_share) for width, align, null_share in self.columns)

    @property
    def size(self) -> int:
        """Bytes with TOAST."""
        return self.bytes + self.toast_bytes

    @property
    def details(self) -> Mapping[str, Any]:
        """Rows that a vacuum has not removed."""
        return {"dead_rows": self.dead}


@dataclass(frozen=True, slots=True)
class Measured:
    """What pgstattuple found in one heap, in bytes."""

    bytes: float
    row_count: float
    free: float
    dead: float

    def each(self, page: int) -> float:
        """Mean size of a row without its item pointer; a little too large where many rows were deleted."""
        used = self.bytes * (1 - PAGE_HEADER / page) - self.free - self.dead
        return max(used / self.row_count - ITEM, 1.0) if self.row_count else 0.0


@check(Cadence.WEEKLY, owner="database", needs=(MONITOR,))
def table_bloat(
    db: Database,
    pg: Postgres,
    *,
    share: float = 0.4,
    min_mb: float = 100,
    high_share: float = 0.7,
    high_gb: float = 10,
    measure_gb: float = 2,
) -> Answer:
    """
    Tables that hold far more room than their rows need.

    Where pgstattuple is installed the largest are measured, `measure_gb` a run at most, and its numbers alone count. Others are
    estimated from their rows and columns with padding, as wide as they were at the last analyze, whose age is said; of TOAST only
    what is surely free counts then. Tables that Upkeep can neither measure nor estimate make the answer unknown. One that VACUUM
    FULL or CLUSTER rewrites at the moment is counted, and judged when that is done.
    """
    tables = [t for t in pg.measure(__file__, Table) if t.size >= min_mb * MB]
    still = [t for t in tables if not t.rewriting]
    found, blind = judge(pg, still, measure_gb * GB, _FUNCTION, _measured, _estimated)
    large = [b for b in found if b.wasted >= min_mb * MB and b.share >= share]
    if blind and not large:
        return Answer.unknown(
            f"{blind} of {len(tables)} tables over {min_mb:g} MB cannot be judged",
            pg.grant_for(PGSTATTUPLE) + OR_READ,
            metrics=metrics("table", found),
        )
    wasted, limits = sum(b.wasted for b in found), Limits(share, high_share, high_gb)
    return Answer.judged(
        f"{len(large)} of {len(tables)} tables over {min_mb:g} MB are bloated; {wasted / MB:,.0f} MB wasted, {blind} not judged"
        + (f"; {len(tables) - len(still)} being rewritten now" if len(still) < len(tables) else ""),
        findings=[b.finding("table", "row", _REMEDY.format(b.of.name), limits) for b in large],
        metrics=metrics("table", found),
        evidence={"measured": [b.of.name for b in found if b.how == "measured"][:50], "not_judged": blind},
    )


def _estimated(table: Table) -> Bloat:
    heap = heap_bytes(table.row_count, table.tuple_bytes, table.page, table.fill)
    toast = min(table.toast_bytes, toast_bytes(table.chunks, table.page))
    return Bloat(table, table.size, min(heap, table.bytes) + toast, "estimated")


def _measured(pg: Postgres, table: Table) -> Bloat:
    heap = pg.query(_MEASURED, Measured, {"oid": table.oid})[0]
    toast = pg.query(_MEASURED, Measured, {"oid": table.toast_oid})[0] if table.toast_oid else Measured(0, 0, 0, 0)
    needed = heap_bytes(heap.row_count, heap.each(table.page), table.page, table.fill)
    needed += toast_bytes(toast.row_count, table.page, toast.each(table.page))
    return Bloat(table, heap.bytes + toast.bytes, needed, "measured")
