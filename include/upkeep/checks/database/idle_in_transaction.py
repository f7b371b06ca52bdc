"""Sessions that have a transaction open and do nothing."""

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
class Idle:
    """One session. `xmin_age` is how many transactions ago its snapshot was taken, 0 when it holds none."""

    who: str
    pid: int
    aborted: bool
    idle_s: float
    open_s: float
    wrote: bool
    xmin_age: int
    waiters: int
    longest_wait_s: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds, in seconds and transactions."""

    idle_s: float
    blocking_s: float
    high_s: float
    xmin_age: float

    def broken_by(self, s: Idle) -> bool:
        """Whether this session is worth a finding."""
        return s.idle_s >= self.idle_s or (s.waiters > 0 and min(s.idle_s, s.longest_wait_s) >= self.blocking_s)

    def severity(self, s: Idle) -> Severity:
        """Worse when it hurts others: by a lock, by holding back vacuum, or by its mere age."""
        if s.waiters and s.idle_s >= self.idle_s:
            return Severity.CRITICAL
        bad = s.waiters or s.idle_s >= self.high_s or s.xmin_age >= self.xmin_age
        return Severity.HIGH if bad else Severity.MEDIUM


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def idle_in_transaction(
    db: Database,
    pg: Postgres,
    *,
    limit_s: float = 300,
    blocking_s: float = 30,
    high_s: float = 3600,
    high_xmin_age: float = 1_000_000,
) -> Answer:
    """
    Sessions that opened a transaction and then do nothing.

    Each keeps its locks, and one with a snapshot keeps vacuum from removing rows. A session that makes others wait is judged
    after `blocking_s` already, any other after `limit_s`. One finding per role and application: the pids are in its details.
    """
    limits = Limits(limit_s, blocking_s, high_s, high_xmin_age)
    found = pg.measure(__file__, Idle)
    wrong = [s for s in found if limits.broken_by(s)]
    longest = max((s.idle_s for s in found), default=0.0)
    return Answer.judged(
        f"{plural(len(found), 'session')} idle in transaction, longest {longest:,.0f} s, "
        f"{plural(sum(s.waiters for s in found), 'session')} blocked by them",
        findings=[_finding(who, list(sessions), limits) for who, sessions in groupby(wrong, key=lambda s: s.who)],
        metrics=[
            Metric(name="idle_in_transaction", value=len(found), unit=Unit.COUNT),
            Metric(name="idle_in_transaction_longest", value=longest, unit=Unit.SECONDS),
        ],
    )


def _finding(who: str, sessions: list[Idle], limits: Limits) -> Finding:
    worst = max(sessions, key=lambda s: (limits.severity(s), s.waiters, s.idle_s))
    limit = limits.idle_s if worst.idle_s >= limits.idle_s else limits.blocking_s
    others = f" and {len(sessions) - 1} more like it" if len(sessions) > 1 else ""
    blocks = f", blocking {worst.waiters} for up to {worst.longest_wait_s:,.0f} s" if worst.waiters else ""
    ends = " ".join(f"select pg_terminate_backend({s.pid});" for s in sessions[:10])
    return Finding(
        rule="idle_in_transaction",
        object=who,
        severity=limits.severity(worst),
        title=f"{who} (pid {worst.pid}{others}) idle in transaction for {worst.idle_s:,.0f} s (limit {limit:,.0f} s){blocks}",
        remedy=f"{ends} -- then let it commit in time, or: {_timeout(who, limits)}",
        value=worst.idle_s,
        limit=limit,
        unit=Unit.SECONDS,
        details={"pids": [s.pid for s in sessions], "transaction_open_s": round(worst.open_s), "wrote": worst.wrote}
        | {"xmin_age": worst.xmin_age, "waiters": worst.waiters, "aborted": worst.aborted},
    )


def _timeout(who: str, limits: Limits) -> str:
    role = who.rpartition("@")[0].replace('"', '""')
    return f"alter role \"{role}\" set idle_in_transaction_session_timeout = '{limits.idle_s:.0f}s';"
