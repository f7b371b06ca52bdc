"""Counters that a crash or a failover emptied."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence


@dataclass(frozen=True, slots=True)
class Table:
    """One table with rows; `lost` is whether the server's counters know nothing of them."""

    name: str
    row_count: float
    lost: bool
    counting_since: str | None


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def lost_statistics(db: Database, pg: Postgres, *, min_rows: float = 10_000) -> Answer:
    """
    Tables whose activity counters a crash, a failover or a reset emptied.

    Autovacuum decides by these counters. When they begin at nought it waits for a whole new share of changes before it looks at a
    table again, whatever waited there before: bloat and old plans, seen weeks later. A database-wide ANALYZE gives the counters
    back, as PostgreSQL's documentation recommends after a reset. They are lost by a crash, an immediate shutdown, promotion of a
    standby, an upgrade and pg_stat_reset(). Judged are tables of `min_rows` rows or more.
    """
    if pg.in_recovery:
        return Answer.unknown("a standby counts no changes: ask the primary", "add the primary to the inventory")
    tables = [table for table in pg.measure(__file__, Table) if table.row_count >= min_rows]
    lost = [table for table in tables if table.lost]
    return Answer.judged(
        f"the counters know nothing of {len(lost)} of {plural(len(tables), 'table')} of {min_rows:,.0f} rows or more",
        findings=[_finding(pg.database, lost, len(tables))] if lost else [],
        metrics=[Metric(name="uncounted_tables", value=len(lost), unit=Unit.COUNT, denominator=len(tables))],
    )


def _finding(database: str, lost: list[Table], of: int) -> Finding:
    since = f" (counted since {lost[0].counting_since})" if lost[0].counting_since else ""
    return Finding(
        rule="statistics_lost",
        object=database,
        severity=Severity.MEDIUM,
        title=f"the counters of {len(lost)} of {plural(of, 'table')} are gone, such as {lost[0].name}{since}: "
        "autovacuum waits for a whole new share of changes",
        remedy="analyze;",
        value=len(lost),
        limit=0,
        unit=Unit.COUNT,
        details={"tables": [table.name for table in lost[:50]]},
    )
