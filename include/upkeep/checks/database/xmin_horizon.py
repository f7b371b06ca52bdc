"""Transactions, slots and standbys that keep vacuum from cleaning up."""

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources import horizon
from upkeep.sources.horizon import Holder
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def xmin_horizon(db: Database, pg: Postgres, *, held_xids: float = 10_000_000, high_held_xids: float = 50_000_000) -> Answer:
    """
    Sessions, prepared transactions, slots and standbys that hold back vacuum.

    Rows that died after the oldest of them began stay in every table: bloat, and in the end wraparound. Measured in transactions
    rather than minutes, since that is what it costs: beyond vacuum_freeze_min_age (50 million by default) nothing can be frozen
    any more, which is high; ten million is a fifth of the way.
    """
    holders = horizon.holders(pg)
    late = [_finding(h, held_xids, high_held_xids) for h in holders if h.xids > held_xids]
    worst_of_each = {(f.rule, f.object): f for f in reversed(late)}
    oldest = holders[0] if holders else None
    return Answer.judged(
        _summary(oldest, len(holders)),
        findings=worst_of_each.values(),
        metrics=[Metric(name="xmin_horizon_age", value=oldest.xids if oldest else 0, unit=Unit.XIDS)],
    )


def _summary(oldest: Holder | None, count: int) -> str:
    if not oldest:
        return "nothing holds the horizon back"
    back = plural(oldest.xids, "transaction")
    return f"{plural(count, 'holder')}; the oldest is {oldest.kind} {oldest.name} ({oldest.who}), {back} back"


def _finding(h: Holder, limit: float, high: float) -> Finding:
    named = h.who if h.kind == "session" else h.name
    return Finding(
        rule="horizon_held_by_" + h.kind.replace(" ", "_"),
        object=named,
        severity=Severity.HIGH if h.xids > high else Severity.MEDIUM,
        title=f"{h.kind} {h.name} ({h.who}) has held vacuum back for {plural(h.xids, 'transaction')} (limit {limit:,.0f})",
        remedy=h.release,
        value=h.xids,
        limit=limit,
        unit=Unit.XIDS,
        details={"name": h.name, "who": h.who},
    )
