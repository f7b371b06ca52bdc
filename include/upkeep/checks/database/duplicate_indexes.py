"""Indexes whose work another index does already."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

MB = 10**6


@dataclass(frozen=True, slots=True)
class Spare:
    """An index that could go, and the one that stays."""

    name: str
    kept: str
    table_name: str
    is_duplicate: bool
    partitioned: bool
    constraint_name: str | None
    bytes: int
    kept_bytes: int
    scans: int


@check(Cadence.WEEKLY, owner="database", needs=(MONITOR,))
def duplicate_indexes(db: Database, pg: Postgres, *, min_mb: float = 1, max_growth: float = 5) -> Answer:
    """
    Indexes that are the same as another, or the beginning of another B-tree.

    Kept is the one that enforces most: a primary key before a constraint before a unique index before a plain one. A unique
    index is never given up for one that is not. A short index stays when the longer one is more than `max_growth` times its
    size, since reading it is then so much cheaper. Indexes under `min_mb` are not worth the trouble.
    """
    spares = pg.measure(__file__, Spare)
    worth_it = [s for s in spares if s.bytes >= min_mb * MB and (s.is_duplicate or s.kept_bytes <= max_growth * s.bytes)]
    size = sum(s.bytes for s in worth_it)
    counted = plural(len(worth_it), "spare index", "spare indexes")
    return Answer.judged(
        f"{counted}, {size / MB:,.0f} MB; {len(spares) - len(worth_it)} more do not matter",
        findings=[_finding(s) for s in worth_it],
        metrics=[
            Metric(name="duplicate_indexes", value=len(worth_it), unit=Unit.COUNT),
            Metric(name="duplicate_index_bytes", value=size, unit=Unit.BYTES),
        ],
    )


def _finding(s: Spare) -> Finding:
    does = "is the same as" if s.is_duplicate else "is the beginning of"
    return Finding(
        rule="duplicate_index" if s.is_duplicate else "overlapping_index",
        object=s.name,
        severity=Severity.MEDIUM if s.is_duplicate else Severity.LOW,
        title=f"{s.name} ({s.bytes / MB:,.1f} MB) {does} {s.kept}, on {s.table_name}",
        remedy=_remedy(s),
        value=s.bytes,
        unit=Unit.BYTES,
        details={"kept": s.kept, "kept_bytes": s.kept_bytes, "scans": s.scans, "constraint": s.constraint_name},
    )


def _remedy(s: Spare) -> str:
    if s.constraint_name:
        return f"alter table {s.table_name} drop constraint {s.constraint_name};"
    return f"drop index {'' if s.partitioned else 'concurrently '}{s.name};"
