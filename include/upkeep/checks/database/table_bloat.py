"""Tables that hold far more room than their rows need."""

from dataclasses import dataclass
from pathlib import Path

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.errors import BrokenError, VanishedError
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR, extension
from upkeep.stats.bloat import ITEM, PAGE_HEADER, Column, heap_bytes, heap_tuple_bytes, toast_bytes, widths_note
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

MB, GB = 10**6, 10**9
PGSTATTUPLE = extension("pgstattuple", "measured sizes")
_FUNCTION = "to_regprocedure('pgstattuple_approx(pg_catalog.regclass)')"
MAY_MEASURE = f"select coalesce(has_function_privilege({_FUNCTION}, 'execute'), false)"
OR_READ = " -- or let Upkeep's role read the tables: grant pg_read_all_data to it"


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `columns` are (width, alignment, share of nulls); `unseen` is how many of them Upkeep may not know."""

    oid: int
    name: str
    page: int
    bytes: int
    row_count: float
    dead: int
    fill: int
    columns: list[tuple[float, int, float]]
    unseen: int
    widths_days: float | None
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


@dataclass(frozen=True, slots=True)
class Bloat:
    """Bytes a table has and those it needs. `how` is "measured" or "estimated"."""

    table: Table
    bytes: float
    needed: float
    how: str

    @property
    def wasted(self) -> float:
        """Bytes that a rewrite would give back."""
        return max(0.0, self.bytes - self.needed)

    @property
    def share(self) -> float:
        """The wasted share."""
        return self.wasted / self.bytes if self.bytes else 0.0


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
    found, blind = _judge(pg, still, measure_gb * GB)
    large = [b for b in found if b.wasted >= min_mb * MB and b.share >= share]
    metrics = [_metric(b) for b in sorted(found, key=lambda b: -b.wasted)[:20]]
    if blind and not large:
        return Answer.unknown(
            f"{blind} of {len(tables)} tables over {min_mb:g} MB cannot be judged",
            pg.grant_for(PGSTATTUPLE) + OR_READ,
            metrics=metrics,
        )
    wasted = sum(b.wasted for b in found)
    return Answer.judged(
        f"{len(large)} of {len(tables)} tables over {min_mb:g} MB are bloated; {wasted / MB:,.0f} MB wasted, {blind} not judged"
        + (f"; {len(tables) - len(still)} being rewritten now" if len(still) < len(tables) else ""),
        findings=[_finding(b, share, high_share, high_gb) for b in large],
        metrics=metrics,
        evidence={"measured": [b.table.name for b in found if b.how == "measured"][:50], "not_judged": blind},
    )


def _judge(pg: Postgres, tables: list[Table], room: float) -> tuple[list[Bloat], int]:
    """What each wastes, and how many can be neither measured nor estimated. What was dropped meanwhile is neither."""
    can_measure = not pg.missing((PGSTATTUPLE,)) and pg.value(MAY_MEASURE)
    found, blind = [], 0
    for table in tables:
        try:
            measured = _measured(pg, table) if can_measure and table.size <= room else None
        except VanishedError:
            continue
        room -= table.size if measured else 0
        bloat = measured or (None if table.unseen else _estimated(table))
        found += [bloat] if bloat else []
        blind += bloat is None
    return found, blind


def _estimated(table: Table) -> Bloat:
    heap = heap_bytes(table.row_count, table.tuple_bytes, table.page, table.fill)
    toast = min(table.toast_bytes, toast_bytes(table.chunks, table.page))
    return Bloat(table, table.size, min(heap, table.bytes) + toast, "estimated")


def _measured(pg: Postgres, table: Table) -> Bloat | None:
    """None when it is locked or takes too long: then the estimate must do. Raises VanishedError."""
    sql = Path(__file__).with_name("table_bloat.measured.sql").read_text(encoding="utf-8")
    try:
        heap = pg.query(sql, Measured, {"oid": table.oid})[0]
        toast = pg.query(sql, Measured, {"oid": table.toast_oid})[0] if table.toast_oid else Measured(0, 0, 0, 0)
    except VanishedError:
        raise
    except BrokenError:
        return None
    needed = heap_bytes(heap.row_count, heap.each(table.page), table.page, table.fill)
    needed += toast_bytes(toast.row_count, table.page, toast.each(table.page))
    return Bloat(table, heap.bytes + toast.bytes, needed, "measured")


def _metric(b: Bloat) -> Metric:
    labels = {"table": b.table.name, "how": b.how}
    return Metric(name="table_wasted", value=b.wasted, unit=Unit.BYTES, labels=labels, numerator=b.wasted, denominator=b.bytes)


def _finding(b: Bloat, share: float, high_share: float, high_gb: float) -> Finding:
    high = b.share >= high_share and b.wasted >= high_gb * GB
    about, how = ("", "") if b.how == "measured" else ("about ", f"; {widths_note(b.table.widths_days)}")
    return Finding(
        rule="bloated_table",
        object=b.table.name,
        severity=Severity.HIGH if high else Severity.MEDIUM,
        title=f"{b.table.name}: {about}{b.wasted / MB:,.0f} of {b.bytes / MB:,.0f} MB hold no row "
        f"({b.share:.0%}, limit {share:.0%}{how})",
        remedy=f"vacuum (full, analyze) {b.table.name}; -- locks it wholly; pg_repack does it without; "
        "after a plain vacuum new rows fill the room",
        value=b.share,
        limit=share,
        unit=Unit.SHARE,
        details={"how": b.how, "confidence": "high" if b.how == "measured" else "medium"}
        | ({"widths_days": b.table.widths_days} if b.how == "estimated" else {})
        | {"wasted_bytes": round(b.wasted), "bytes": round(b.bytes), "dead_rows": b.table.dead},
    )
