"""Deadlocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from upkeep.answer import Answer, Finding, Severity
from upkeep.checks.database.risen import daily_metrics
from upkeep.duty import History, check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.stats.counters import Reading, Rise, compare
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_LOOK = "search the server's log for 'deadlock detected': it names both statements; make them lock rows in one order"


@dataclass(frozen=True, slots=True)
class Counted:
    """Deadlocks of one database since `since`, by the server's clock `at`."""

    database: str
    deadlocks: int
    transactions: int
    since: datetime | None
    at: datetime

    @property
    def reading(self) -> Reading:
        """The counter as it stands."""
        return Reading(self.deadlocks, self.at, self.since, self.transactions)


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def deadlocks(db: Database, pg: Postgres, history: History, *, per_day: float = 1, high_per_day: float = 24) -> Answer:
    """
    Deadlocks since the last run.

    Each one is a transaction that the server had to abort: an order of locks that two pieces of code do not agree on. One now and
    then is retried and harmless, so more than one a day is a finding; one an hour is high. The first run judges the mean since
    the statistics began; where the server does not say when that was, the answer is unknown until the next run.
    """
    found = pg.measure(__file__, Counted)
    compared = compare(history.state(), {c.database: c.reading for c in found})
    known = compared.known
    metrics = daily_metrics("deadlocks_per_day", Unit.COUNT, known)
    findings = [_finding(name, risen, per_day, high_per_day) for name, risen in known.items() if _too_many(risen, per_day)]
    if not findings and compared.unseen:
        return Answer.unknown(
            f"first look: no earlier count to compare with for {', '.join(compared.unseen)}",
            metrics=metrics,
            state=compared.state,
        )
    total = sum(round(r.amount) for r in known.values())
    return Answer.judged(
        f"{plural(total, 'deadlock')} in {plural(len(known), 'database')} {_longest(known)}",
        findings=findings,
        metrics=metrics,
        state=compared.state,
    )


def _longest(known: Mapping[str, Rise]) -> str:
    longest = max(known.values(), key=lambda r: r.span)
    return longest.text if longest.span else "since the statistics began"


def _too_many(risen: Rise, per_day: float) -> bool:
    return risen.amount > per_day and risen.per_day > per_day


def _finding(database: str, risen: Rise, per_day: float, high_per_day: float) -> Finding:
    return Finding(
        rule="deadlocks",
        object=database,
        severity=Severity.HIGH if _too_many(risen, high_per_day) else Severity.MEDIUM,
        title=f"{plural(round(risen.amount), 'deadlock')} in {database} {risen.text}: "
        f"{risen.per_day:.1f} a day (limit {per_day:g})",
        remedy=_LOOK,
        value=risen.per_day,
        limit=per_day,
        unit=Unit.COUNT,
    )
