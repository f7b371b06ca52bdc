"""Transaction ids and multixacts that run out."""

from collections.abc import Iterator
from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

HORIZON = 2**31
_MAX_NAMES = 20


@dataclass(frozen=True, slots=True)
class DatabaseAge:
    """Oldest ids of one database. The names of the oldest tables are known only for the one that was asked (`here`)."""

    name: str
    here: bool
    connectable: bool
    xid_age: int
    multixact_age: int
    xid_freeze_at: int
    multixact_freeze_at: int
    oldest_by_xid: list[str]
    oldest_by_multixact: list[str]


@dataclass(frozen=True, slots=True)
class Age:
    """One of the two ages of a database. `rule` is "xid" or "multixact"; `freeze_at` is where autovacuum is forced to freeze."""

    rule: str
    ids: str
    database: DatabaseAge
    age: int
    freeze_at: int
    oldest: list[str]

    @property
    def share(self) -> float:
        """Share of the two thousand million ids that may be in use at once."""
        return self.age / HORIZON


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def wraparound(
    db: Database, pg: Postgres, *, behind_factor: float = 1.5, high_share: float = 0.5, critical_share: float = 0.75
) -> Answer:
    """
    Transaction ids and multixacts that are running out.

    At an age of 2^31 less three million the server refuses every write until it has been vacuumed. Reaching
    autovacuum_freeze_max_age is no fault: that is when autovacuum begins to freeze, so alerting there, as check_pgactivity's
    max_freeze_age invites to, rings on every healthy busy server. A fault is an age that goes on rising: beyond 1.5 times that
    setting freezing does not keep up; half of 2^31 is high; three quarters is where vacuum's own failsafe (vacuum_failsafe_age,
    1,600 million) gives up being polite, critical. Who holds the horizon back is asked by xmin_horizon.
    """
    ages = [age for d in pg.measure(__file__, DatabaseAge) for age in _ages(d)]
    findings = [f for age in ages if (f := _judge(age, behind_factor, high_share, critical_share, replica=pg.in_recovery))]
    worst = max(ages, key=lambda a: a.share)
    return Answer.judged(
        f"oldest: {worst.ids} of database {worst.database.name}, {worst.age:,} old, {worst.share:.1%} of 2^31",
        findings=findings,
        metrics=_metrics(ages),
    )


def _ages(d: DatabaseAge) -> tuple[Age, Age]:
    return (
        Age("xid", "transaction ids", d, d.xid_age, d.xid_freeze_at, d.oldest_by_xid),
        Age("multixact", "multixacts", d, d.multixact_age, d.multixact_freeze_at, d.oldest_by_multixact),
    )


def _judge(age: Age, factor: float, high: float, critical: float, *, replica: bool) -> Finding | None:
    limit = min(age.freeze_at * factor, high * HORIZON)
    if age.age <= limit:
        return None
    severity = Severity.CRITICAL if age.share > critical else Severity.HIGH if age.share > high else Severity.MEDIUM
    return Finding(
        rule=f"{age.rule}_wraparound",
        object=age.database.name,
        severity=severity,
        title=f"{age.ids} of database {age.database.name} are {age.age:,} old, {age.share:.0%} of 2^31 (limit {limit:,.0f}; "
        f"autovacuum freezes from {age.freeze_at:,} on)",
        remedy=_remedy(age, replica=replica),
        value=age.age,
        limit=limit,
        unit=Unit.XIDS,
        details={"share": round(age.share, 4), "oldest_tables": age.oldest},
    )


def _remedy(age: Age, *, replica: bool) -> str:
    where = f"in database {age.database.name}" + (", on the primary" if replica else "")
    if not age.database.connectable:
        return f"database {age.database.name} allows no connection; autovacuum must do it: see that autovacuum workers are free"
    if not age.oldest:
        return f"vacuum (freeze, verbose); -- {where}; first end whatever holds the horizon (xmin_horizon)"
    tables = " ".join(f"vacuum (freeze, verbose) {name};" for name in dict.fromkeys(age.oldest))
    return f"{tables} -- {where}; first end whatever holds the horizon (xmin_horizon)"


def _metrics(ages: list[Age]) -> Iterator[Metric]:
    for rule in ("xid", "multixact"):
        for a in sorted((a for a in ages if a.rule == rule), key=lambda a: -a.age)[:_MAX_NAMES]:
            yield Metric(
                name=f"{rule}_age",
                value=a.share,
                unit=Unit.SHARE,
                labels={"database": a.database.name},
                numerator=a.age,
                denominator=HORIZON,
            )
