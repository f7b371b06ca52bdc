"""The newest complete backup of every database against its recovery point objective."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.backups.registry import Registry
from upkeep.backups.shelf import DECLARE
from upkeep.checks.backups.compared import ENOUGH, Limits, compared, sizes
from upkeep.checks.backups.listed import UPKEEP, Seen, seen
from upkeep.checks.backups.own import Own, of_own
from upkeep.duty import check
from upkeep.formats.backup_listing import Taken
from upkeep.humanize import plural, size, span
from upkeep.sources.connections import Connections
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_OBJECT = "newest backup"
_DAY_S = 86_400
_DECLARE = (
    "say in the inventory who backs it up and where to, for this database or under settings for all:\n"
    f"{DECLARE}\n"
    "# or, when another tool does it: taken_by: pgbackrest | barman | rds, and name: its stanza, server or instance"
)


@check(Cadence.DAILY, owner="database")
def backup_completed(
    db: Database,
    window: Window,
    connections: Connections,
    registry: Registry,
    *,
    rpo_hours: float = 26,
    shrink_share: float = 0.5,
    grow_factor: float = 3,
    size_floor_mb: float = 16,
    slow_factor: float = 3,
    slow_floor_minutes: float = 5,
    emptied_rows: int = 1000,
    prove_days: float = 35,
) -> Answer:
    """
    A database without a fresh, complete backup, or with a suspicious one.

    Whoever takes it: Upkeep, whose backups count only when every object was read back; pgBackRest and Barman, as they list them;
    RDS, by its snapshots and its point-in-time window. The age is measured from the data in it to the end of the window, against
    `rpo_hours`. A backup that is far smaller, larger or slower than the median of ten before it, that has lost a table or found
    one empty, or that is of another server, is a finding even though it is complete: that is how a backup of the wrong thing
    looks. Of Upkeep's own, a newest backup whose restore failed or differed is a finding, and so are `prove_days` without a
    restore that proved one. A listing that no longer reaches back to the window is unknown, not ok. It does not restore anything.
    """
    if db.backup is None:
        return _undeclared()
    found = seen(db, db.backup, window, connections, registry)
    if found.newest is None and found.after:
        return _too_new(found, window)
    limits = Limits(
        shrink_share=shrink_share,
        grow_factor=grow_factor,
        size_floor=size_floor_mb * 1e6,
        slow_factor=slow_factor,
        slow_floor=slow_floor_minutes * 60,
        emptied_rows=emptied_rows,
    )
    own = _own(db, found, connections, registry, window.end, prove_days * _DAY_S)
    return _answer(found, own, window, rpo_hours * 3600, limits)


def _own(db: Database, found: Seen, connections: Connections, registry: Registry, end: datetime, prove_s: float) -> Own:
    if found.tool != UPKEEP or found.newest is None:
        return Own()
    return of_own(db, found.newest, found.listing.backups, connections, registry, end, prove_s)


def _undeclared() -> Answer:
    says = "nothing backs this database up"
    return Answer.judged(says, findings=[_none(says, _DECLARE)])


def _too_new(found: Seen, window: Window) -> Answer:
    reach = f"its list no longer reaches back to {window.end:%Y-%m-%d}"
    return Answer.unknown(f"{found.tool} has backups, but none as old as this window: {reach}")


def _answer(found: Seen, own: Own, window: Window, rpo_s: float, limits: Limits) -> Answer:
    return Answer.judged(
        ", ".join([_summary(found, window, rpo_s), *own.remarks]),
        findings=[*_findings(found, window, rpo_s, limits), *own.findings],
        metrics=_metrics(found, window),
        evidence=_evidence(found),
    )


def _age(newest: Taken, window: Window) -> float:
    return max(0.0, (window.end - newest.at).total_seconds())


def _findings(found: Seen, window: Window, rpo_s: float, limits: Limits) -> Iterator[Finding]:
    newest = found.newest
    if newest is None:
        yield _none(f"there is no complete backup: {_why_none(found)}", found.listing.remedy or found.mend)
    else:
        yield from _late(found, newest, _age(newest, window), rpo_s)
        yield from compared(newest, found.earlier, limits)
    for damaged in found.damaged:
        yield _damaged(found, damaged)
    for fault in found.listing.faults:
        yield Finding(rule=fault.rule, object=fault.object, severity=Severity.HIGH, title=fault.title, remedy=fault.remedy)


def _why_none(found: Seen) -> str:
    if found.failed:
        return f"the newest attempt ({_when(found.failed.at)}) did not end well: {found.failed.says}"
    if found.damaged:
        return f"{plural(len(found.damaged), 'backup')} of {found.tool} cannot be trusted"
    return found.listing.missing or f"{found.tool} has none up to this window"


def _late(found: Seen, newest: Taken, age: float, rpo_s: float) -> Iterator[Finding]:
    failed = f"; the newest attempt ({_when(found.failed.at)}) failed: {found.failed.says}" if found.failed else ""
    reported = f"; its report was written {_when(found.listing.read_at)}" if found.listing.read_at else ""
    if age > rpo_s:
        yield Finding(
            rule="backup_overdue",
            object=_OBJECT,
            severity=Severity.CRITICAL if age > 2 * rpo_s else Severity.HIGH,
            title=f"the newest complete backup is {span(age)} old (limit {span(rpo_s)}){failed}{reported}",
            remedy=found.mend,
            value=age,
            limit=rpo_s,
            unit=Unit.SECONDS,
        )
    elif found.failed:
        yield Finding(
            rule="backup_incomplete",
            object=_OBJECT,
            severity=Severity.MEDIUM,
            title=f"the newest attempt ({_when(found.failed.at)}) is not complete: {found.failed.says}; the last complete "
            f"backup is {span(age)} old (limit {span(rpo_s)})",
            remedy=found.mend,
            value=age,
            limit=rpo_s,
            unit=Unit.SECONDS,
        )


def _none(title: str, remedy: str) -> Finding:
    return Finding(rule="no_backup", object=_OBJECT, severity=Severity.CRITICAL, title=title, remedy=remedy)


def _damaged(found: Seen, damaged: Taken) -> Finding:
    last = found.newest is None or damaged.at > found.newest.at
    return Finding(
        rule="backup_damaged",
        object=damaged.id,
        severity=Severity.CRITICAL if last else Severity.HIGH,
        title=f"backup {damaged.id} of {_when(damaged.at)} cannot be trusted: {damaged.says}",
        remedy=f"take another one at once, then find out what damaged this: {found.mend}",
    )


def _summary(found: Seen, window: Window, rpo_s: float) -> str:
    newest = found.newest
    if newest is None:
        return f"no complete backup: {_why_none(found)}"
    taken = f"newest backup of {_when(newest.at)}, {span(_age(newest, window))} old at the window's end (limit {span(rpo_s)})"
    parts = [taken, *_numbers(newest)]
    parts.append("read back and verified" if found.tool == UPKEEP else f"complete as {found.tool} says")
    now, before, _ = sizes(newest, found.earlier)
    if now is not None and len(before) < ENOUGH:
        parts.append(f"only {plural(len(before), 'earlier backup')}: size not judged")
    return ", ".join(parts)


def _numbers(newest: Taken) -> Iterator[str]:
    stored = newest.stored_bytes if newest.stored_bytes is not None else newest.raw_bytes
    if stored is not None:
        yield size(stored)
    if newest.seconds is not None:
        yield f"taken in {span(newest.seconds)}"


def _metrics(found: Seen, window: Window) -> Iterator[Metric]:
    newest, labels = found.newest, {"tool": found.tool}
    if newest is None:
        return
    yield Metric(name="backup_age", value=_age(newest, window), unit=Unit.SECONDS, labels=labels)
    stored = newest.stored_bytes if newest.stored_bytes is not None else newest.raw_bytes
    if stored is not None:
        yield Metric(name="backup_size", value=stored, unit=Unit.BYTES, labels=labels)
    if newest.seconds is not None:
        yield Metric(name="backup_duration", value=newest.seconds, unit=Unit.SECONDS, labels=labels)


def _evidence(found: Seen) -> dict[str, object]:
    rows: Sequence[Taken] = [*found.complete[:1], *found.earlier, *found.damaged, *((found.failed,) if found.failed else ())]
    listed = [
        {
            "id": each.id,
            "tool": found.tool,
            "kind": each.kind,
            "state": each.state,
            "at": each.at.isoformat(),
            "bytes": each.stored_bytes if each.stored_bytes is not None else each.raw_bytes,
            "seconds": each.seconds,
        }
        for each in sorted(rows, key=lambda each: each.at, reverse=True)
    ]
    read_at = {"report_written_at": found.listing.read_at.isoformat()} if found.listing.read_at else {}
    return {"backups": listed, **found.listing.details, **read_at}


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
