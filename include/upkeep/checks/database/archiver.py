"""WAL that is not archived."""

from collections.abc import Iterator
from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural, span
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR, function
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_OBJECT = "archiver"
_LIST_STATUS = function("pg_ls_archive_statusdir()", "which segments wait")
_READY = "select count(*) from pg_catalog.pg_ls_archive_statusdir() as status where status.name like '%.ready'"


@dataclass(frozen=True, slots=True)
class Archiver:
    """State of WAL archiving. `watched_seconds` is since when it counts."""

    mode: str
    command: str
    library: str
    wal_level: str
    archived: int
    failed: int
    last_failed_wal: str
    ever: bool
    failing: bool
    archived_seconds: float | None
    failed_seconds: float | None
    watched_seconds: float

    @property
    def unset(self) -> bool:
        """Whether archiving is on but nothing says how; PostgreSQL shows an unset command as (disabled) or empty."""
        return self.command in ("", "(disabled)") and not self.library


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def archiver(
    db: Database,
    pg: Postgres,
    *,
    failing_minutes: float = 30,
    silent_hours: float = 24,
    waiting: float = 64,
    required: bool = False,
) -> Answer:
    """
    WAL archiving that fails or stands still.

    What is not archived is lost with the server, and it piles up until the disk is full: so a failure that the archiver has not
    got over is high, and critical after half an hour or with 64 segments (1 GiB) waiting. An old failure that later success
    followed is none, unlike what a count of failures says. No archive at all is low by default, since dumps, snapshots or a
    streaming pg_receivewal may be the design; with `required` it is high. Archiving that is on but has never archived anything
    is judged after `silent_hours`, for a quiet server switches segments seldom.
    """
    found = pg.measure(__file__, Archiver)[0]
    queue = None if pg.missing((_LIST_STATUS,)) else int(pg.value(_READY))
    metrics = _metrics(found, queue)
    if pg.in_recovery and found.mode != "always":
        return Answer.judged("a replica: its primary archives, and this server only after a promotion", metrics=metrics)
    if found.mode == "off":
        return Answer.judged("archive_mode is off: no point-in-time recovery from this server", findings=[_off(required)])
    return Answer.judged(
        _summary(found, queue),
        findings=[*_judge(found, queue or 0, failing_minutes * 60, silent_hours * 3600, waiting)],
        metrics=metrics,
    )


def _off(required: bool) -> Finding:  # noqa: FBT001 - the threshold itself
    return Finding(
        rule="archiving_off",
        object=_OBJECT,
        severity=Severity.HIGH if required else Severity.LOW,
        title="archive_mode is off: after a loss, what was written since the last backup is gone",
        remedy="alter system set archive_mode = 'on'; alter system set archive_command = '…'; -- then restart; or waive this "
        "with the reason why backups or replicas are enough here",
    )


def _summary(a: Archiver, queue: int | None) -> str:
    last = f"last {span(a.archived_seconds)} ago" if a.archived_seconds is not None else "none yet"
    waits = "waiting segments not visible" if queue is None else f"{plural(queue, 'segment')} waiting"
    return f"{plural(a.archived, 'segment')} archived, {last}; {a.failed:,} failures; {waits}"


def _judge(a: Archiver, queue: int, failing_s: float, silent_s: float, waiting: float) -> Iterator[Finding]:
    if a.unset:
        yield _finding(
            "archiving_unset", Severity.HIGH, "archive_mode is on but neither archive_command nor archive_library is set"
        )
    elif a.failing:
        since = a.archived_seconds if a.archived_seconds is not None else a.watched_seconds
        grave = since > failing_s or queue > waiting
        yield _finding(
            "archiving_fails",
            Severity.CRITICAL if grave else Severity.HIGH,
            f"archiving fails: {a.last_failed_wal} was refused {span(a.failed_seconds or 0)} ago and nothing was archived for "
            f"{span(since)} (limit {span(failing_s)})",
            since,
            failing_s,
        )
    elif not a.ever and a.watched_seconds > silent_s:
        yield _finding(
            "archiving_silent",
            Severity.HIGH,
            f"archiving is on, yet nothing was archived in {span(a.watched_seconds)} (limit {span(silent_s)})",
            a.watched_seconds,
            silent_s,
        )
    elif queue > waiting:
        yield _finding(
            "archiving_behind",
            Severity.HIGH,
            f"{plural(queue, 'segment')} wait to be archived (limit {waiting:g}): the archive is slower than the writes",
            queue,
            waiting,
            Unit.COUNT,
        )


def _finding(
    rule: str,
    severity: Severity,
    title: str,
    value: float | None = None,
    limit: float | None = None,
    unit: Unit = Unit.SECONDS,
) -> Finding:
    return Finding(
        rule=rule,
        object=_OBJECT,
        severity=severity,
        title=title,
        remedy="see 'archive command failed' in the log; mend the command or its destination, then select pg_switch_wal(), "
        "and look at pg_stat_archiver again",
        value=value,
        limit=limit,
        unit=None if value is None else unit,
    )


def _metrics(a: Archiver, queue: int | None) -> list[Metric]:
    known = [("wal_archive_waiting", queue, Unit.COUNT), ("wal_archived_age", a.archived_seconds, Unit.SECONDS)]
    return [Metric(name=name, value=value, unit=unit) for name, value, unit in known if value is not None]
