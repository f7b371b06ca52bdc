"""Tables about which the planner is told something old."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

COUNTS_PARTITIONED = 14


@dataclass(frozen=True, slots=True)
class Table:
    """
    One table. `estimated` rows are what the planner believes, -1 where nobody ever looked; `live` rows are counted.

    `threshold` is the number of changes after which autovacuum analyzes. Ages are in hours, None where it never happened.
    """

    name: str
    partitioned: bool
    estimated: float
    live: float
    changed: float
    threshold: float
    autovacuum: bool
    analyzing: bool
    analyzed_h: float | None
    vacuumed_h: float | None

    @property
    def off(self) -> float:
        """How many times the estimate is too large or too small; 1 where no vacuum or analyze began the counting, or made any."""
        if (self.analyzed_h is None and self.vacuumed_h is None) or (self.partitioned and self.estimated < 0):
            return 1.0
        few, many = sorted((max(self.estimated, 1), max(self.live, 1)))
        return many / few


@check(Cadence.WEEKLY, owner="database", needs=(MONITOR,))
def stale_statistics(
    db: Database,
    pg: Postgres,
    *,
    times: float = 3,
    min_hours: float = 24,
    min_rows: float = 1000,
    off_times: float = 5,
    off_rows: float = 10_000,
) -> Answer:
    """
    Tables whose statistics no longer describe them.

    Plans go wrong when the planner counts on rows that are gone or does not know those that came. Reported are tables that were
    never analyzed, those with `times` the changes after which autovacuum analyzes (by their own settings), and those whose
    estimate of rows is far off. Autovacuum never analyzes a partitioned table itself, only its partitions: somebody must.
    What is being analyzed at the moment is counted, and judged when that is done.
    """
    if pg.in_recovery:
        return Answer.unknown("a standby does not count changes: ask the primary", "add the primary to the inventory")
    tables = pg.measure(__file__, Table)
    analyzing = sum(t.analyzing for t in tables)
    findings = [
        f for t in tables if not t.analyzing and (f := _judge(t, pg.version, times, min_hours, min_rows, off_times, off_rows))
    ]
    worst = max((t.changed / t.threshold for t in tables if t.threshold and t.changed >= min_rows), default=0.0)
    return Answer.judged(
        f"stale statistics in {len(findings)} of {plural(len(tables), 'table')}; most changes {worst:.1f} times the threshold"
        + (f"; {analyzing} being analyzed now" if analyzing else ""),
        findings=findings,
        metrics=[
            Metric(name="stale_tables", value=len(findings), unit=Unit.COUNT, denominator=len(tables)),
            Metric(name="changes_over_threshold", value=worst, unit=Unit.TIMES),
        ],
    )


def _judge(
    t: Table, version: int, times: float, min_hours: float, min_rows: float, off_times: float, off_rows: float
) -> Finding | None:
    """The first thing wrong with a table, worst first; `version` 13 does not count rows of partitioned tables."""
    never = t.analyzed_h is None and (t.estimated < 0 or (t.estimated == 0 and not t.vacuumed_h))
    if t.partitioned:
        never = never and version >= COUNTS_PARTITIONED
    if never and t.live >= min_rows:
        return _finding(t, "never_analyzed", f"was never analyzed and has {plural(round(t.live), 'row')}", t.live, min_rows)
    limit = times * t.threshold
    if t.changed >= max(limit, min_rows) and (t.analyzed_h is None or t.analyzed_h >= min_hours):
        when = "not once" if t.analyzed_h is None else f"{t.analyzed_h:,.0f} h ago"
        message = f"had {t.changed:,.0f} changes since its last analyze ({when}; limit {limit:,.0f})"
        return _finding(t, "changed_since_analyze", message, t.changed, limit)
    counted = t.live or t.changed  # counters that saw nothing are younger than the estimate
    if counted and t.off >= off_times and max(t.live, t.estimated) >= off_rows:
        message = (
            f"has {t.live:,.0f} rows while the planner counts on {t.estimated:,.0f} ({t.off:,.0f} times off, limit {off_times:g})"
        )
        return _finding(t, "row_estimate_off", message, t.off, off_times)
    return None


def _finding(t: Table, rule: str, message: str, value: float, limit: float) -> Finding:
    note = "" if t.autovacuum else " -- autovacuum is off for it: alter table … reset (autovacuum_enabled)"
    if t.partitioned:
        note = " -- and again after loads: autovacuum never does"
    return Finding(
        rule=rule,
        object=t.name,
        severity=Severity.MEDIUM,
        title=f"{t.name} {message}",
        remedy=f"analyze {t.name};{note}",
        value=value,
        limit=limit,
        unit=Unit.COUNT,
        details={"rows": t.live, "estimated_rows": t.estimated, "changed": t.changed, "autovacuum": t.autovacuum},
    )
