"""What restores have shown of a target's backups. Pure; `backup_completed` asks it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from upkeep.answer import Finding, Severity
from upkeep.backups.registry import Restoration
from upkeep.formats.backup_listing import Taken
from upkeep.humanize import plural, span
from upkeep.units import Unit

NEWEST, RESTORES = "newest backup", "restores"


def last_restore(restorations: Sequence[Restoration], backup_id: str) -> Restoration | None:
    """The newest finished restore of one backup that was begun; `restorations` are newest first."""
    ended = (each for each in restorations if each.state in {"proven", "differs", "failed"})
    return next((each for each in ended if each.backup_id == backup_id), None)


def proved(
    restorations: Sequence[Restoration], newest: Taken, oldest: datetime, end: datetime, limit_s: float
) -> Iterator[Finding]:
    """
    Findings about restores: the newest backup's went wrong, or none has proven anything for too long.

    `oldest` is when the first backup was taken, of those that are known; `end` is that of the window.
    """
    last = last_restore(restorations, newest.id)
    if last and last.state != "proven":
        yield _wrong(last)
    proven = max((each.begun_at for each in restorations if each.state == "proven"), default=None)
    age = (end - (proven or oldest)).total_seconds()
    if age > limit_s:
        yield _overdue(newest, proven, age, limit_s)


def _wrong(last: Restoration) -> Finding:
    when = f"{last.begun_at:%Y-%m-%d %H:%M} UTC"
    if last.state == "differs":
        first = f", such as: {last.differences[0]}" if last.differences else ""
        message = f"its restore into {last.destination} on {when} has {plural(len(last.differences), 'difference')}{first}"
    else:
        message = f"its restore into {last.destination} on {when} failed: {last.error or 'no reason was stored'}"
    return Finding(
        rule="restore_differs" if last.state == "differs" else "restore_failed",
        object=NEWEST,
        severity=Severity.HIGH,
        title=f"backup {last.backup_id} is not proven: {message}",
        remedy=f"see its differences on the Backups page; mend the cause, take another backup, then: upkeep backups prove "
        f"{last.target}",
        details={"restore": last.id, "differences": list(last.differences[:20])},
    )


def _overdue(newest: Taken, proven: datetime | None, age: float, limit_s: float) -> Finding:
    ever = f"the last restore that proved a backup was {span(age)} ago"
    never = f"no backup has ever been proven by a restore, though the first is {span(age)} old"
    return Finding(
        rule="restore_overdue",
        object=RESTORES,
        severity=Severity.MEDIUM,
        title=f"{ever if proven else never} (limit {span(limit_s)})",
        remedy=f"restore the newest into a scratch server and compare: upkeep restore {newest.id} --to scratch",
        value=age,
        limit=limit_s,
        unit=Unit.SECONDS,
    )
