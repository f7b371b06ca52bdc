"""B-tree indexes that hold far more room than their entries need."""

import math
from dataclasses import dataclass
from pathlib import Path

from upkeep.answer import Answer
from upkeep.checks.database.bloat import GB, MB, OR_READ, PGSTATTUPLE, Bloat, Limits, Relation, judge, metrics
from upkeep.duty import check
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.stats.bloat import Column, btree_bytes, btree_bytes_of, index_tuple_bytes
from upkeep.targets.database import Database
from upkeep.window import Cadence

_FUNCTION = "pgstatindex(pg_catalog.regclass)"
_MEASURED = Path(__file__).with_name("index_bloat.measured.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(Relation):
    """One B-tree. `columns` are (width, alignment, share of nulls, n_distinct as in pg_stats)."""

    is_unique: bool
    deduplicates: bool
    columns: list[tuple[float, int, float, float]]
    rebuilding: bool

    @property
    def tuple_bytes(self) -> float:
        """Mean size of an entry."""
        return index_tuple_bytes(Column(width, align, null_share) for width, align, null_share, _ in self.columns)

    @property
    def distinct(self) -> float:
        """Different keys, taking columns as independent: never too few, so that bloat is never too large."""
        if self.is_unique:
            return self.row_count
        each = ((n if n >= 0 else -n * self.row_count) + (nulls > 0) for _, _, nulls, n in self.columns)
        return min(self.row_count, math.prod(max(1.0, n) for n in each))


@dataclass(frozen=True, slots=True)
class Measured:
    """What pgstatindex found. `density` is per cent."""

    bytes: float
    leaf_pages: float
    inner_pages: float
    density: float


@check(Cadence.WEEKLY, owner="database", needs=(MONITOR,))
def index_bloat(
    db: Database,
    pg: Postgres,
    *,
    share: float = 0.4,
    min_mb: float = 100,
    high_share: float = 0.7,
    high_gb: float = 10,
    measure_gb: float = 1,
) -> Answer:
    """
    B-tree indexes that hold far more room than their entries need.

    Where pgstattuple is installed the largest are measured, `measure_gb` a run at most, with their deleted pages. Others are
    estimated with what deduplication saves (every version from 13 on does it). Indexes that Upkeep can neither measure nor
    estimate make the answer unknown. Other kinds of index are not judged. One that REINDEX, VACUUM FULL or CLUSTER rebuilds now
    is counted, and judged when that is done.
    """
    indexes = [i for i in pg.measure(__file__, Index) if i.bytes >= min_mb * MB]
    still = [i for i in indexes if not i.rebuilding]
    found, blind = judge(pg, still, measure_gb * GB, _FUNCTION, _measured, _estimated)
    large = [b for b in found if b.wasted >= min_mb * MB and b.share >= share]
    if blind and not large:
        return Answer.unknown(
            f"{blind} of {len(indexes)} indexes over {min_mb:g} MB cannot be judged",
            pg.grant_for(PGSTATTUPLE) + OR_READ,
            metrics=metrics("index", found),
        )
    wasted, limits = sum(b.wasted for b in found), Limits(share, high_share, high_gb)
    return Answer.judged(
        f"{len(large)} of {len(indexes)} B-trees over {min_mb:g} MB are bloated, {wasted / MB:,.0f} MB wasted; {blind} unseen"
        + (f"; {len(indexes) - len(still)} being rebuilt now" if len(still) < len(indexes) else ""),
        findings=[b.finding("index", "entry", f"reindex index concurrently {b.of.name};", limits) for b in large],
        metrics=metrics("index", found),
        evidence={"measured": [b.of.name for b in found if b.how == "measured"][:50], "not_judged": blind},
    )


def _estimated(i: Index) -> Bloat:
    needed = btree_bytes(i.row_count, i.distinct, i.tuple_bytes, i.page, deduplicates=i.deduplicates, fill=i.fill)
    return Bloat(i, i.bytes, needed, "estimated")


def _measured(pg: Postgres, i: Index) -> Bloat:
    measured = pg.query(_MEASURED, Measured, {"oid": i.oid})[0]
    needed = btree_bytes_of(measured.leaf_pages, measured.inner_pages, measured.density, i.page, i.fill)
    return Bloat(i, measured.bytes, needed, "measured")
