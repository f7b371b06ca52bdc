"""Prepared transactions that nobody finishes."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural, span
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence


@dataclass(frozen=True, slots=True)
class Prepared:
    """One prepared transaction. `xids` is how many transactions have begun since; `locks` how many relations it has locked."""

    name: str
    quoted: str
    database: str
    owner: str
    age_seconds: float
    xids: int
    locks: int


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def prepared_transactions(db: Database, pg: Postgres, *, age_minutes: float = 5, high_age_minutes: float = 60) -> Answer:
    """
    Prepared transactions that were abandoned.

    A transaction manager finishes its second phase in seconds. One that is left keeps its locks over restarts and holds vacuum
    back for ever. Five minutes is long enough for a coordinator to restart and recover; after an hour nobody will.
    """
    found = pg.measure(__file__, Prepared)
    findings = [_finding(p, age_minutes, high_age_minutes) for p in found if p.age_seconds > age_minutes * 60]
    oldest = f"; the oldest {span(found[0].age_seconds)}" if found else ""
    return Answer.judged(
        plural(len(found), "prepared transaction") + oldest,
        findings=findings,
        metrics=[
            Metric(name="prepared_transactions", value=len(found), unit=Unit.COUNT),
            Metric(name="prepared_transaction_age", value=found[0].age_seconds if found else 0, unit=Unit.SECONDS),
        ],
    )


def _finding(p: Prepared, limit: float, high: float) -> Finding:
    return Finding(
        rule="prepared_transaction_abandoned",
        object=f"{p.database}: {p.name}",
        severity=Severity.HIGH if p.age_seconds > high * 60 else Severity.MEDIUM,
        title=f"{p.name} of {p.owner} was prepared {span(p.age_seconds)} ago (limit {span(limit * 60)}); it locks "
        f"{plural(p.locks, 'relation')} and holds vacuum back by {plural(p.xids, 'transaction')}",
        remedy=f"rollback prepared {p.quoted}; -- or commit, as its coordinator says; in database {p.database}, as {p.owner}",
        value=p.age_seconds,
        limit=limit * 60,
        unit=Unit.SECONDS,
        details={"database": p.database, "owner": p.owner},
    )
