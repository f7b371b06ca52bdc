"""Queries that spill to disk."""

from dataclasses import dataclass
from datetime import datetime

from upkeep.answer import Answer, Finding, Severity
from upkeep.checks.database.risen import daily_metrics
from upkeep.duty import History, check
from upkeep.humanize import GIB, plural, size
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.stats.counters import Reading, Rise, compare
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_LOOK = (
    "alter system set log_temp_files = '64MB'; select pg_reload_conf(); -- the log then names the queries; give those more "
    "work_mem, by role or in their session, or an index that spares the sort"
)


@dataclass(frozen=True, slots=True)
class Spilled:
    """Temporary files of one database since `since`, by the server's clock `at`."""

    database: str
    files: int
    bytes: int
    transactions: int
    since: datetime | None
    at: datetime

    @property
    def written(self) -> Reading:
        """The bytes counter as it stands."""
        return Reading(self.bytes, self.at, self.since, self.transactions)


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def temp_files(db: Database, pg: Postgres, history: History, *, gib_per_day: float = 10, high_gib_per_day: float = 100) -> Answer:
    """
    Temporary files written since the last run, because work_mem was too small.

    Bytes, not files, are judged: a nightly report that spills once is cheap, and 10 GiB a day is what a disk of 100 MB/s writes
    in two minutes; less is no trouble anywhere. A spill that fills the disk fails its query and may fail others. The first run
    judges the mean since the statistics began; where the server does not say when that was, the answer is unknown until the next.
    """
    found = pg.measure(__file__, Spilled)
    compared = compare(history.state(), {s.database: s.written for s in found})
    known = compared.known
    metrics = daily_metrics("temp_bytes_per_day", Unit.BYTES, known)
    findings = [
        _finding(name, risen, gib_per_day, high_gib_per_day) for name, risen in known.items() if _much(risen, gib_per_day)
    ]
    if not findings and compared.unseen:
        return Answer.unknown(
            f"first look: no earlier count to compare with for {', '.join(compared.unseen)}",
            metrics=metrics,
            state=compared.state,
        )
    most = max(known.items(), key=lambda item: item[1].amount)
    total = size(sum(r.amount for r in known.values()))
    return Answer.judged(
        f"{total} of temporary files in {plural(len(known), 'database')}"
        + (f"; most in {most[0]}, {size(most[1].amount)} {most[1].text}" if most[1].amount else f" {most[1].text}"),
        findings=findings,
        metrics=metrics,
        state=compared.state,
    )


def _much(risen: Rise, gib_per_day: float) -> bool:
    return risen.amount > gib_per_day * GIB and risen.per_day > gib_per_day * GIB


def _finding(database: str, risen: Rise, limit: float, high: float) -> Finding:
    return Finding(
        rule="temp_files",
        object=database,
        severity=Severity.HIGH if _much(risen, high) else Severity.MEDIUM,
        title=f"queries of {database} wrote {size(risen.amount)} of temporary files {risen.text}: "
        f"{size(risen.per_day)} a day (limit {size(limit * GIB)})",
        remedy=_LOOK,
        value=risen.per_day,
        limit=limit * GIB,
        unit=Unit.BYTES,
    )
