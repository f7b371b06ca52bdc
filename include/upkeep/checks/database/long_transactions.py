"""Transactions that stay open for long."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence


@dataclass(frozen=True, slots=True)
class Transaction:
    """
    One open transaction. `command` is the first word of its query; `xmin_age` the transactions since its snapshot.

    `maintains` is whether it builds an index, rewrites a table or analyzes at the moment.
    """

    who: str
    application: str
    pid: int
    state: str
    command: str
    open_s: float
    in_state_s: float
    xmin_age: int
    wrote: bool
    maintains: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds, in seconds and transactions."""

    open_s: float
    high_s: float
    xmin_age: float
    backup_s: float
    backups: Sequence[str]
    idle_s: float

    def of(self, t: Transaction) -> float:
        """The longest this transaction may be open: backups and maintenance may take longer."""
        return self.backup_s if t.maintains or t.application in self.backups else self.open_s

    def broken_by(self, t: Transaction) -> bool:
        """Whether it is too old. One that idles for long already is idle_in_transaction's finding."""
        too_old = t.open_s >= self.of(t) or (t.xmin_age >= self.xmin_age and t.application not in self.backups)
        return too_old and not (t.state.startswith("idle in transaction") and t.in_state_s >= self.idle_s)

    def severity(self, t: Transaction) -> Severity:
        """HIGH when it holds back vacuum far or is very old."""
        late = t.open_s >= max(self.high_s, self.of(t))
        return Severity.HIGH if late or t.xmin_age >= self.xmin_age else Severity.MEDIUM


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def long_transactions(
    db: Database,
    pg: Postgres,
    *,
    limit_s: float = 1800,
    high_s: float = 14_400,
    high_xmin_age: float = 10_000_000,
    backup_applications: str = "pg_dump,pg_dumpall,pg_basebackup",
    backup_s: float = 21_600,
    idle_s: float = 300,
) -> Answer:
    """
    Transactions that have been open for long.

    While one is open, vacuum cannot remove rows that died after its snapshot: tables grow and queries slow down. Backups, known
    by application name, and maintenance (an index that is built, a table that is rewritten or analyzed) may take `backup_s`.
    Autovacuum, walsenders and Upkeep's own sessions are left out, and so are those that idle for `idle_s` already:
    idle_in_transaction reports them. One finding per role and application.
    """
    backups = [name.strip() for name in backup_applications.split(",") if name.strip()]
    limits = Limits(limit_s, high_s, high_xmin_age, backup_s, backups, idle_s)
    found = pg.measure(__file__, Transaction)
    wrong = [t for t in found if limits.broken_by(t)]
    longest = max((t.open_s for t in found), default=0.0)
    oldest = max((t.xmin_age for t in found), default=0)
    return Answer.judged(
        f"{plural(len(found), 'transaction')} open, longest {longest:,.0f} s, snapshots up to {oldest:,} xids old",
        findings=[_finding(who, list(those), limits) for who, those in groupby(wrong, key=lambda t: t.who)],
        metrics=[
            Metric(name="transaction_longest", value=longest, unit=Unit.SECONDS),
            Metric(name="snapshot_oldest", value=oldest, unit=Unit.XIDS),
        ],
    )


def _finding(who: str, those: list[Transaction], limits: Limits) -> Finding:
    worst = max(those, key=lambda t: (limits.severity(t), t.open_s))
    others = f" and {len(those) - 1} more like it" if len(those) > 1 else ""
    limit = limits.of(worst)
    by_snapshot = f"snapshot {worst.xmin_age:,} transactions old, limit {limits.xmin_age:,.0f}"
    why = f"limit {limit:,.0f} s" if worst.open_s >= limit else by_snapshot
    return Finding(
        rule="long_transaction",
        object=who,
        severity=limits.severity(worst),
        title=f"{who} (pid {worst.pid}{others}) has a transaction open for {worst.open_s:,.0f} s ({why}), "
        f"{worst.state} {worst.command}",
        remedy=f"select pg_cancel_backend({worst.pid}); -- if it must not finish; pg_terminate_backend({worst.pid}) if that is "
        "not heard. Then split the work or run it on a replica",
        value=worst.open_s,
        limit=limit,
        unit=Unit.SECONDS,
        details={"pids": [t.pid for t in those], "state": worst.state, "command": worst.command}
        | {"xmin_age": worst.xmin_age, "wrote": worst.wrote},
    )
