"""Pages that are corrupt on disk."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_OFF = Finding(
    rule="checksums_off",
    object="data_checksums",
    severity=Severity.LOW,
    title="data checksums are off: corruption on disk goes unnoticed until a query trips over it",
    remedy="pg_checksums --enable -D <data directory> -- with the server stopped; on a replica first, then switch over",
)


@dataclass(frozen=True, slots=True)
class Failures:
    """Checksum failures of one database since its statistics were reset; whether the server has checksums at all."""

    database: str
    enabled: bool
    failures: int
    last_failure: str | None


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def checksum_failures(db: Database, pg: Postgres) -> Answer:
    """
    Pages that failed their checksum.

    One is too many: the disk, its controller or the memory gives back other bytes than were written, and backups taken since may
    hold them. There is no threshold, and it stays a finding until somebody has looked and reset the counter: pages do not heal.
    Pages that nobody reads are not seen here; verify backups or run pg_checksums for those.
    """
    found = pg.measure(__file__, Failures)
    metrics = [
        Metric(name="checksum_failures", value=f.failures, unit=Unit.COUNT, labels={"database": f.database}) for f in found[:20]
    ]
    if not all(f.enabled for f in found):
        return Answer.judged("data checksums are off: nothing can be said about corruption", findings=[_OFF], metrics=metrics)
    failed = [f for f in found if f.failures]
    return Answer.judged(
        f"{plural(sum(f.failures for f in found), 'page')} failed their checksum in {plural(len(failed), 'database')}",
        findings=[_finding(f) for f in failed],
        metrics=metrics,
    )


def _finding(f: Failures) -> Finding:
    return Finding(
        rule="checksum_failure",
        object=f.database,
        severity=Severity.CRITICAL,
        title=f"{plural(f.failures, 'page read', 'page reads')} of {f.database} failed their checksum, last at {f.last_failure}",
        remedy="keep all backups; find the relation in the server's log (page verification failed); check the disk; restore to "
        "another host and compare. When mended: select pg_stat_reset(); -- in that database",
        value=f.failures,
        limit=0,
        unit=Unit.COUNT,
        details={"last_failure": f.last_failure},
    )
