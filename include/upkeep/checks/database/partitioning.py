"""Tables that should be partitioned, and partitions that are missing, too many, lopsided or in the way."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.database.partitioned import Table
from upkeep.checks.database.partman import told_findings
from upkeep.duty import check
from upkeep.humanize import plural, size
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

GB = 10**9
# A set of partitions whose newest ended longer ago than so many of its periods is closed: nobody writes to it.
_LAST = datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp()
_CLOSED_PERIODS = 3
_LEAST_COMPARED = 4


@check(Cadence.QUARTERLY, owner="database", needs=(MONITOR,))
def partitioning(
    db: Database,
    pg: Postgres,
    *,
    ahead_periods: float = 2,
    most_partitions: int = 1000,
    skew_times: float = 5,
    skew_gb: float = 10,
    default_rows: int = 1,
    full_share: float = 0.8,
    large_gb: float = 100,
    deleted_share: float = 0.2,
    partman_silent_days: float = 3,
) -> Answer:
    """
    Partitions missing ahead, too many, lopsided or left detaching, and tables that should be partitioned.

    Each parent is judged by its own partitions, so that sub-partitions count for theirs only. By time, two periods must lie
    ahead, without a hole; by number, the newest must have room or an empty one behind it. A set whose newest partition ended
    three periods ago is closed and not judged. Rows in the default partition of ranges block the partition that they belong to.
    Empty partitions are no fault. A table should be partitioned where it is large, has a time column, and many of its rows are
    deleted: dropping a partition costs nothing, and deleting does. Where pg_partman is, what it is told is compared with what
    is there: premake, retention, sets that wait for rows, maintenance that is off or did not run for `partman_silent_days`.
    """
    tables = pg.measure(__file__, Table)
    parents = [table for table in tables if table.strategy]
    sets, of_partman = told_findings(pg, parents, partman_silent_days)
    findings = [
        *of_partman,
        *(f for t in parents for f in _ahead(t, ahead_periods, full_share)),
        *(f for t in parents for f in _shape(t, most_partitions, skew_times, skew_gb * GB)),
        *(f for t in parents for f in _leftovers(t, default_rows)),
        *(f for t in tables if not t.strategy for f in _candidate(t, large_gb * GB, deleted_share)),
    ]
    return Answer.judged(
        _summary(tables, parents, sets),
        findings=findings,
        metrics=[_metric(table) for table in sorted(parents, key=lambda t: (-len(t.parts), t.name))[:20]],
    )


def _summary(tables: Sequence[Table], parents: Sequence[Table], sets: int) -> str:
    partitions = sum(len(table.parts) for table in parents)
    message = f"{plural(len(parents), 'partitioned table')} with {plural(partitions, 'partition')}"
    others = plural(len(tables) - len(parents), "other table")
    return f"{message}, {others}" + (f", {plural(sets, 'set')} of pg_partman" if sets else "")


def _metric(table: Table) -> Metric:
    return Metric(name="partitions", value=len(table.parts), unit=Unit.COUNT, labels={"table": table.name})


def _ahead(table: Table, periods: float, full: float) -> Iterator[Finding]:
    period = table.period
    if table.strategy != "r" or table.open_ended or not period:
        return
    if table.key == "time":
        yield from _ahead_by_time(table, period, periods)
    if table.key == "number":
        yield from _ahead_by_number(table, full)


def _ahead_by_time(table: Table, period: float, periods: float) -> Iterator[Finding]:
    end = table.ranges[-1].high or 0.0
    if end < table.now - _CLOSED_PERIODS * period:
        return
    ahead = (end - table.now) / period
    hole = next((b.low for a, b in pairwise(table.ranges) if b.low and a.high and b.low > max(a.high, table.now)), None)
    if ahead < periods or hole:
        what = f"has a hole before the partition from {_day(hole)} on" if hole else f"ends on {_day(end)}"
        yield Finding(
            rule="partitions_missing_ahead",
            object=table.name,
            severity=Severity.CRITICAL if ahead <= 0 else Severity.HIGH if ahead < 1 or hole else Severity.MEDIUM,
            title=f"{table.name} {what}: {max(ahead, 0):.1f} periods lie ahead (limit {periods:g}); rows beyond are refused or "
            "fall into the default partition",
            remedy=f"create table … partition of {table.name} for values from ('{_day(hole or end)}') to …; -- and see what "
            "should have made it (pg_partman, a job)",
            value=max(ahead, 0),
            limit=periods,
            unit=Unit.COUNT,
        )


def _ahead_by_number(table: Table, full: float) -> Iterator[Finding]:
    last = table.ranges[-1]
    used = last.rows / last.width if last.width else 0.0
    if used >= full and last.inserted:
        yield Finding(
            rule="partitions_missing_ahead",
            object=table.name,
            severity=Severity.HIGH if used >= 1 - (1 - full) / 2 else Severity.MEDIUM,
            title=f"{last.name}, the last partition of {table.name}, holds {last.rows:,} rows of {last.width:,.0f} values "
            f"({used:.0%}, limit {full:.0%}), and none follows",
            remedy=f"create table … partition of {table.name} for values from ({last.high:.0f}) to …;",
            value=used,
            limit=full,
            unit=Unit.SHARE,
        )


def _shape(table: Table, most: int, times: float, least: float) -> Iterator[Finding]:
    if len(table.parts) > most:
        yield Finding(
            rule="too_many_partitions",
            object=table.name,
            severity=Severity.MEDIUM,
            title=f"{table.name} has {plural(len(table.parts), 'partition')} (limit {most:,}): planning and locking take long",
            remedy="make periods longer for new partitions, and drop or merge old ones",
            value=len(table.parts),
            limit=most,
            unit=Unit.COUNT,
        )
    filled = sorted((p for p in table.children if p.bytes and p.rows and not p.default), key=lambda p: (-p.bytes, p.name))
    if len(filled) < _LEAST_COMPARED or (table.strategy == "r" and filled[0].low is None):
        return
    usual = median(p.bytes for p in filled[1:])
    if filled[0].bytes > max(times * usual, least):
        yield Finding(
            rule="partition_skewed",
            object=table.name,
            severity=Severity.LOW,
            title=f"{filled[0].name} has {size(filled[0].bytes)}, {filled[0].bytes / usual:.1f} times the usual partition of "
            f"{table.name} (limit {times:g} times and {size(least)})",
            remedy="split its range or values; with a hash, look for one key that most rows have",
            value=filled[0].bytes / usual,
            limit=times,
            unit=Unit.TIMES,
        )


def _leftovers(table: Table, default_rows: int) -> Iterator[Finding]:
    for part in table.children:
        if part.pending:
            yield Finding(
                rule="detach_pending",
                object=part.name,
                severity=Severity.MEDIUM,
                title=f"{part.name} is still being detached from {table.name}, and no other can be until that is finished",
                remedy=f"alter table {table.name} detach partition {part.name} finalize;",
            )
        if part.default and table.strategy == "r" and part.rows >= default_rows:
            yield Finding(
                rule="default_partition_filling",
                object=part.name,
                severity=Severity.MEDIUM,
                title=f"{part.name}, the default partition of {table.name}, holds {part.rows:,} rows (limit {default_rows:,})",
                remedy="detach it, make the partitions that its rows belong to, move them there, and attach it again",
                value=part.rows,
                limit=default_rows,
                unit=Unit.ROWS,
            )


def _candidate(table: Table, large: float, share: float) -> Iterator[Finding]:
    deleted = table.deleted / max(table.rows, 1)
    if table.bytes >= large and table.time_column and deleted >= share:
        yield Finding(
            rule="should_be_partitioned",
            object=table.name,
            severity=Severity.LOW,
            title=f"{table.name} has {size(table.bytes)}, and {table.deleted:,} rows were deleted, {table.rows:,} are left "
            f"({deleted:.0%}, limits {size(large)} and {share:.0%})",
            remedy=f"see whether rows go by {table.time_column}: partitioned by it, whole partitions are dropped and nothing is "
            "left to vacuum",
            value=table.bytes,
            limit=large,
            unit=Unit.BYTES,
            details={"deleted": table.deleted, "inserted": table.inserted, "rows": table.rows},
        )


def _day(seconds: float) -> str:
    """PostgreSQL's days go on beyond the last one that Python has."""
    return f"{datetime.fromtimestamp(min(seconds, _LAST), UTC):%Y-%m-%d}"
