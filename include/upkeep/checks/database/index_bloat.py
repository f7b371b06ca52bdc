"""B-tree indexes that hold far more room than their entries need."""

import math
from dataclasses import dataclass
from pathlib import Path

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.errors import BrokenError, VanishedError
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR, extension
from upkeep.stats.bloat import Column, btree_bytes, btree_bytes_of, index_tuple_bytes, widths_note
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

MB, GB = 10**6, 10**9
PGSTATTUPLE = extension("pgstattuple", "measured sizes")
_FUNCTION = "to_regprocedure('pgstatindex(pg_catalog.regclass)')"
MAY_MEASURE = f"select coalesce(has_function_privilege({_FUNCTION}, 'execute'), false)"
OR_READ = " -- or let Upkeep's role read the tables: grant pg_read_all_data to it"


@dataclass(frozen=True, slots=True)
class Index:
    """One B-tree. `columns` are (width, alignment, share of nulls, n_distinct as in pg_stats); `unseen` are those not known."""

    oid: int
    name: str
    page: int
    bytes: int
    row_count: float
    fill: int
    is_unique: bool
    deduplicates: bool
    columns: list[tuple[float, int, float, float]]
    unseen: int
    rebuilding: bool
    widths_days: float | None

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


@dataclass(frozen=True, slots=True)
class Bloat:
    """Bytes an index has and those it needs. `how` is "measured" or "estimated"."""

    index: Index
    bytes: float
    needed: float
    how: str

    @property
    def wasted(self) -> float:
        """Bytes that a rebuild would give back."""
        return max(0.0, self.bytes - self.needed)

    @property
    def share(self) -> float:
        """The wasted share."""
        return self.wasted / self.bytes if self.bytes else 0.0


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
    found, blind = _judge(pg, still, measure_gb * GB)
    large = [b for b in found if b.wasted >= min_mb * MB and b.share >= share]
    metrics = [_metric(b) for b in sorted(found, key=lambda b: -b.wasted)[:20]]
    if blind and not large:
        return Answer.unknown(
            f"{blind} of {len(indexes)} indexes over {min_mb:g} MB cannot be judged",
            pg.grant_for(PGSTATTUPLE) + OR_READ,
            metrics=metrics,
        )
    wasted = sum(b.wasted for b in found)
    return Answer.judged(
        f"{len(large)} of {len(indexes)} B-trees over {min_mb:g} MB are bloated, {wasted / MB:,.0f} MB wasted; {blind} unseen"
        + (f"; {len(indexes) - len(still)} being rebuilt now" if len(still) < len(indexes) else ""),
        findings=[_finding(b, share, high_share, high_gb) for b in large],
        metrics=metrics,
        evidence={"measured": [b.index.name for b in found if b.how == "measured"][:50], "not_judged": blind},
    )


def _judge(pg: Postgres, indexes: list[Index], room: float) -> tuple[list[Bloat], int]:
    """What each wastes, and how many can be neither measured nor estimated. What was dropped meanwhile is neither."""
    can_measure = not pg.missing((PGSTATTUPLE,)) and pg.value(MAY_MEASURE)
    found, blind = [], 0
    for index in indexes:
        try:
            measured = _measured(pg, index) if can_measure and index.bytes <= room else None
        except VanishedError:
            continue
        room -= index.bytes if measured else 0
        bloat = measured or (None if index.unseen else _estimated(index))
        found += [bloat] if bloat else []
        blind += bloat is None
    return found, blind


def _estimated(i: Index) -> Bloat:
    needed = btree_bytes(i.row_count, i.distinct, i.tuple_bytes, i.page, deduplicates=i.deduplicates, fill=i.fill)
    return Bloat(i, i.bytes, needed, "estimated")


def _measured(pg: Postgres, i: Index) -> Bloat | None:
    """None when it is locked or takes too long: then the estimate must do. Raises VanishedError."""
    sql = Path(__file__).with_name("index_bloat.measured.sql").read_text(encoding="utf-8")
    try:
        measured = pg.query(sql, Measured, {"oid": i.oid})[0]
    except VanishedError:
        raise
    except BrokenError:
        return None
    needed = btree_bytes_of(measured.leaf_pages, measured.inner_pages, measured.density, i.page, i.fill)
    return Bloat(i, measured.bytes, needed, "measured")


def _metric(b: Bloat) -> Metric:
    labels = {"index": b.index.name, "how": b.how}
    return Metric(name="index_wasted", value=b.wasted, unit=Unit.BYTES, labels=labels, numerator=b.wasted, denominator=b.bytes)


def _finding(b: Bloat, share: float, high_share: float, high_gb: float) -> Finding:
    high = b.share >= high_share and b.wasted >= high_gb * GB
    about, how = ("", "") if b.how == "measured" else ("about ", f"; {widths_note(b.index.widths_days)}")
    return Finding(
        rule="bloated_index",
        object=b.index.name,
        severity=Severity.HIGH if high else Severity.MEDIUM,
        title=f"{b.index.name}: {about}{b.wasted / MB:,.0f} of {b.bytes / MB:,.0f} MB hold no entry "
        f"({b.share:.0%}, limit {share:.0%}{how})",
        remedy=f"reindex index concurrently {b.index.name};",
        value=b.share,
        limit=share,
        unit=Unit.SHARE,
        details={"how": b.how, "confidence": "high" if b.how == "measured" else "medium"}
        | ({"widths_days": b.index.widths_days} if b.how == "estimated" else {})
        | {"wasted_bytes": round(b.wasted), "bytes": round(b.bytes)},
    )
