"""Indexes that cost but do not serve."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural, size
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence


@dataclass(frozen=True, slots=True)
class Index:
    """
    One index that is not valid.

    `leftover_new` and `leftover_old` are what a broken REINDEX CONCURRENTLY leaves; `partitions_without` counts partitions that
    have no valid part of a partitioned index; `building` is whether something works on it or its table right now.
    """

    name: str
    table_name: str
    partitioned: bool
    ready: bool
    live: bool
    is_unique: bool
    leftover_new: bool
    leftover_old: bool
    bytes: int
    building: bool
    partitions_without: int


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def invalid_indexes(db: Database, pg: Postgres) -> Answer:
    """
    Indexes that are invalid, and so cost every write but serve no query.

    They are left by CREATE INDEX or REINDEX CONCURRENTLY that failed, and a unique one guards nothing, which makes it high. Those
    being built right now are counted but not judged. A partitioned index is invalid until every partition has its part: low,
    since the parts serve already.
    """
    found = pg.measure(__file__, Index)
    judged = [i for i in found if not i.building]
    return Answer.judged(
        f"{plural(len(judged), 'invalid index', 'invalid indexes')}, {len(found) - len(judged)} being built",
        findings=[_finding(i, _primary(replica=pg.in_recovery)) for i in judged],
        metrics=[
            Metric(name="invalid_indexes", value=len(judged), unit=Unit.COUNT),
            Metric(name="invalid_index_bytes", value=sum(i.bytes for i in judged), unit=Unit.BYTES),
        ],
    )


def _primary(*, replica: bool) -> str:
    return " on the primary" if replica else ""


def _finding(i: Index, where: str) -> Finding:
    return Finding(
        rule="partitioned_index_incomplete" if i.partitioned else "index_invalid",
        object=i.name,
        severity=_severity(i),
        title=_title(i),
        remedy=_remedy(i) + (f" --{where}" if where else ""),
        value=i.partitions_without if i.partitioned else i.bytes,
        limit=0,
        unit=Unit.COUNT if i.partitioned else Unit.BYTES,
        details={"table": i.table_name, "unique": i.is_unique, "ready": i.ready},
    )


def _severity(i: Index) -> Severity:
    if i.partitioned:
        return Severity.LOW
    return Severity.HIGH if i.is_unique and not i.leftover_new and not i.leftover_old else Severity.MEDIUM


def _title(i: Index) -> str:
    if i.partitioned:
        return f"partitioned index {i.name} has no part on {plural(i.partitions_without, 'partition')} of {i.table_name}"
    guards = ", does not guard uniqueness" if i.is_unique else ""
    return f"index {i.name} on {i.table_name} is invalid: {size(i.bytes)} that no query uses{guards}"


def _remedy(i: Index) -> str:
    if i.partitioned:
        return f"create the missing index on each partition, then alter index {i.name} attach partition …;"
    if i.leftover_new or i.leftover_old or not i.live:
        return f"drop index concurrently {i.name};"
    return f"reindex index concurrently {i.name}; -- or, if it is not wanted: drop index concurrently {i.name};"
