"""The week's backups of a database as a whole: days without one, what retention and restores came to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.rows import Rows
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence, Window

# What backup_completed finds where the day had no backup to rely on.
WITHOUT = {"no_backup", "backup_overdue", "backup_incomplete", "backup_damaged"}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One daily run; the fields are the columns of the question. `status` is empty where it has no answer."""

    day: datetime
    status: str
    rules: Sequence[str]
    retention_stopped: bool
    restores_failed: int
    proven_at: datetime | None
    failed_at: datetime | None

    @property
    def known(self) -> bool:
        """Whether anybody knows about this day's backup."""
        return self.status in {"ok", "breach"}

    @property
    def without(self) -> bool:
        """Whether the day had no backup to rely on."""
        return bool(WITHOUT & set(self.rules))


@check(Cadence.WEEKLY, owner="database")
def backup_status(
    db: Database,
    window: Window,
    rows: Rows,
    *,
    days_without: int = 2,
    days_unknown: int = 2,
    days_stopped: int = 3,
) -> Answer:
    """
    Backups that fail again and again, that nobody looked at, that are not thinned out, or whose restores fail.

    Judges what the daily runs of the week stored, whoever takes the backups: days without one to rely on, days on which that was
    unknown or not asked, days on which retention refused to delete, and restores that failed or differed with none proven since.
    One bad night is the daily check's and is not said twice. Days without a daily run are not judged; a week of which nothing is
    known is unknown.
    """
    days = rows(__file__, Day, {"target": db.name, "start": window.start, "end": window.end})
    if not any(day.known for day in days):
        return Answer.unknown(_nothing_known(days))
    bad, dark = [d for d in days if d.without], [d for d in days if not d.known]
    stopped = [d for d in days if d.retention_stopped]
    findings = [
        *_repeated(bad, days_without, "backups_missing_repeatedly", Severity.HIGH, "had no backup to rely on"),
        *_repeated(dark, days_unknown, "backups_unknown_repeatedly", Severity.MEDIUM, "have no word on their backup"),
        *_repeated(stopped, days_stopped, "retention_stopped_for_days", Severity.MEDIUM, "saw retention refuse to delete"),
        *_restores(days),
    ]
    return Answer.judged(_summary(days, bad, dark), findings=findings, metrics=list(_metrics(days, bad, dark, window)))


def _nothing_known(days: Sequence[Day]) -> str:
    if not days:
        return "the week had no daily run, so that nothing says whether there were backups"
    return f"none of {plural(len(days), 'daily run')} knows whether there was a backup: see backup_completed"


def _repeated(days: Sequence[Day], limit: int, rule: str, severity: Severity, what: str) -> Iterator[Finding]:
    if len(days) >= limit:
        named = ", ".join(f"{day.day:%a %-d %b}" for day in days)
        yield Finding(
            rule=rule,
            object="backups",
            severity=severity,
            title=f"{plural(len(days), 'day')} of the week {what} (limit {limit}): {named}",
            remedy="see backup_completed and retention of these days for what each of them says, and mend what they share",
            value=len(days),
            limit=limit,
            unit=Unit.COUNT,
        )


def _restores(days: Sequence[Day]) -> Iterator[Finding]:
    failed, last = sum(day.restores_failed for day in days), days[-1]
    if failed and last.failed_at and (last.proven_at is None or last.proven_at < last.failed_at):
        yield Finding(
            rule="restores_failing",
            object="restores",
            severity=Severity.HIGH,
            title=f"{plural(failed, 'restore')} of the week failed or differed, and none was proven since",
            remedy="see the Backups page for what differed; upkeep restore … --to scratch tries again",
            value=failed,
            limit=0,
            unit=Unit.COUNT,
        )


def _summary(days: Sequence[Day], bad: Sequence[Day], dark: Sequence[Day]) -> str:
    proven = days[-1].proven_at
    message = f"{len(days) - len(bad) - len(dark)} of {plural(len(days), 'day')} with a backup"
    message += f", {len(bad)} without" if bad else ""
    message += f", {len(dark)} unknown" if dark else ""
    return message + (f"; last proven by a restore on {proven:%Y-%m-%d}" if proven else "; never proven by a restore")


def _metrics(days: Sequence[Day], bad: Sequence[Day], dark: Sequence[Day], window: Window) -> Iterator[Metric]:
    covered, asked = len(days) - len(bad) - len(dark), len(days)
    yield Metric(
        name="backup_days_covered", value=covered / asked, unit=Unit.SHARE, numerator=covered, denominator=asked, n=asked
    )
    proven = days[-1].proven_at
    if proven:
        yield Metric(name="backup_proof_age", value=(window.end - proven) / _DAY, unit=Unit.DAYS)
