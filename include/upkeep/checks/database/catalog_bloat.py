"""System catalogs that hold far more room than their rows need."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural, size
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.stats.bloat import Column, heap_bytes, heap_tuple_bytes
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

MB, GB = 10**6, 10**9


@dataclass(frozen=True, slots=True)
class Catalog:
    """One table of the system catalog. `columns` are (width, alignment, share of nulls); `row_count` is -1 where unknown."""

    name: str
    page: int
    bytes: int
    index_bytes: int
    row_count: float
    dead: int
    columns: list[tuple[float, int, float]]

    @property
    def needed(self) -> float:
        """Bytes that its live rows take when freshly written."""
        width = heap_tuple_bytes(Column(width, align, nulls) for width, align, nulls in self.columns)
        return min(heap_bytes(self.row_count, width, self.page), self.bytes)

    @property
    def wasted(self) -> float:
        """Bytes that a rewrite would give back, without its indexes."""
        return self.bytes - self.needed


@check(Cadence.WEEKLY, owner="database", needs=(MONITOR,))
def catalog_bloat(db: Database, pg: Postgres, *, share: float = 0.6, min_mb: float = 50, high_gb: float = 5) -> Answer:
    """
    System catalogs that hold far more room than their rows need.

    Temporary tables and tables that are made and dropped in a hurry leave dead rows in pg_attribute, pg_class and their like.
    Every session reads these when it plans, so the whole database gets slower, and only a rewrite that stops everybody gives the
    room back: what makes the rows must change first. Estimated from rows and columns; catalogs under `min_mb` are normal. Where
    nothing counted the rows since the server started, a catalog is not judged, and the answer unknown if all are such.
    """
    large = [c for c in pg.measure(__file__, Catalog) if c.bytes >= min_mb * MB]
    known = [c for c in large if c.row_count >= 0]
    if large and not known:
        return Answer.unknown(f"nobody counted the rows of {plural(len(large), 'large catalog')}", f"analyze {large[0].name};")
    bloated = [c for c in known if c.wasted >= max(share * c.bytes, min_mb * MB)]
    return Answer.judged(
        f"{len(bloated)} of {plural(len(known), 'catalog')} of {min_mb:g} MB or more are bloated",
        findings=[_finding(c, share, high_gb * GB) for c in bloated],
        metrics=[Metric(name="catalog_wasted", value=c.wasted, unit=Unit.BYTES, labels={"table": c.name}) for c in known[:20]],
    )


def _finding(c: Catalog, share: float, high: float) -> Finding:
    return Finding(
        rule="bloated_catalog",
        object=c.name,
        severity=Severity.HIGH if c.wasted >= high else Severity.MEDIUM,
        title=f"{c.name}: about {size(c.wasted)} of {size(c.bytes)} hold no row ({c.wasted / c.bytes:.0%}, limit {share:.0%}), "
        f"with {size(c.index_bytes)} of indexes",
        remedy=f"vacuum (full, analyze) {c.name}; -- stops every session while it runs; first end what makes and drops so much, "
        "mostly temporary tables",
        value=c.wasted / c.bytes,
        limit=share,
        unit=Unit.SHARE,
        details={"wasted_bytes": round(c.wasted), "bytes": c.bytes, "dead_rows": c.dead},
    )
