"""The newest complete backup of every database against its recovery point objective."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.backups.registry import Record, Registry, State
from upkeep.backups.shelf import DECLARE
from upkeep.checks.backups.compared import ENOUGH, MOST, Limits, compared, sizes
from upkeep.checks.backups.own import Own, of_own
from upkeep.duty import check
from upkeep.formats.backup_listing import COMPLETE, DAMAGED, DELETED, INCOMPLETE, Listing, Taken
from upkeep.humanize import plural, size, span
from upkeep.sources import barman, pgbackrest, rds
from upkeep.sources.connections import Connections
from upkeep.targets.database import Backup, Database
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_OBJECT = "newest backup"
_DAY_S = 86_400
_UPKEEP = "Upkeep"
_DECLARE = (
    "say in the inventory who backs it up and where to, for this database or under settings for all:\n"
    f"{DECLARE}\n"
    "# or, when another tool does it: taken_by: pgbackrest | barman | rds, and name: its stanza, server or instance"
)
_MENDS = {
    "upkeep": "see the log of the task `backup` of the daily run, mend its cause and clear the task",
    "pgbackrest": "pgbackrest --stanza={name} check; see pgBackRest's log and its schedule; pgbackrest --stanza={name} backup",
    "barman": "barman check {name}; see barman.log and its schedule; barman backup {name}",
    "rds": "aws rds describe-events --source-type db-instance --source-identifier {name} --duration 2880",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What there was as of a window, newest first. `after` says whether there are complete backups of later."""

    tool: str
    mend: str
    complete: tuple[Taken, ...]
    earlier: tuple[Taken, ...]
    damaged: tuple[Taken, ...]
    failed: Taken | None
    listing: Listing
    after: bool

    @property
    def newest(self) -> Taken | None:
        """The newest complete one."""
        return self.complete[0] if self.complete else None


@check(Cadence.DAILY, owner="database", after=("backup", "retention"))
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
        return Answer.judged("nothing backs this database up", findings=[_none("nothing backs this database up", _DECLARE)])
    seen = _seen(db.backup, _listing(db, db.backup, window, connections, registry), window)
    if seen.newest is None and seen.after:
        return Answer.unknown(
            f"{seen.tool} has backups, but none as old as this window: its list no longer reaches back to {window.end:%Y-%m-%d}"
        )
    limits = Limits(
        shrink_share=shrink_share,
        grow_factor=grow_factor,
        size_floor=size_floor_mb * 1e6,
        slow_factor=slow_factor,
        slow_floor=slow_floor_minutes * 60,
        emptied_rows=emptied_rows,
    )
    own = Own()
    if db.backup.taken_by == "upkeep" and seen.newest:
        own = of_own(db, seen.newest, seen.listing.backups, connections, registry, window.end, prove_days * _DAY_S)
    return Answer.judged(
        ", ".join([_summary(seen, window, rpo_hours * 3600), *own.said]),
        findings=[*_findings(seen, window, rpo_hours * 3600, limits), *own.findings],
        metrics=_metrics(seen, window),
        evidence=_evidence(seen),
    )


def _listing(db: Database, plan: Backup, window: Window, connections: Connections, registry: Registry) -> Listing:
    name = str(plan.name)
    match plan.taken_by:
        case "pgbackrest":
            return pgbackrest.listing(name, plan.report)
        case "barman":
            return barman.listing(name, window.end, plan.report)
        case "rds":
            return rds.listing(connections.aws(plan.connection, "rds"), name)
        case _:
            # A run takes its backup after its window's end; that backup belongs to the window all the same.
            records = [record for record in registry.records(db.name) if record.window.end <= window.end]
            rows = tuple(_taken(record, window) for record in records)
            return Listing(tool=_UPKEEP, backups=rows, missing="Upkeep has not taken one yet", remedy=_MENDS["upkeep"])


def _taken(record: Record, window: Window) -> Taken:
    return Taken(
        id=record.id,
        at=record.snapshot_at or record.begun_at,
        state=_state(record, window),
        raw_bytes=record.raw_bytes,
        stored_bytes=record.stored_bytes,
        seconds=sum(record.seconds.values()) if record.seconds else None,
        system_identifier=record.system_identifier,
        table_rows=record.table_rows,
        says=record.damaged or record.error or ("its run ended before it was complete" if not record.verified_at else ""),
    )


def _state(record: Record, window: Window) -> str:
    """As of the window: what retention deleted later was complete then."""
    if record.verified_at is None or record.state in (State.TAKING, State.FAILED):
        return INCOMPLETE
    if record.deleted_at and record.deleted_at <= window.end:
        return DELETED
    return DAMAGED if record.damaged else COMPLETE


def _seen(plan: Backup, listing: Listing, window: Window) -> _Seen:
    own = plan.taken_by == "upkeep"
    found = [*listing.backups, *_any_moment(listing, window)]
    within = sorted((each for each in found if own or each.at <= window.end), key=lambda each: (each.at, each.id), reverse=True)
    complete = tuple(each for each in within if each.state == COMPLETE)
    since = complete[0].at if complete else None
    once = (each for each in within if each.state in (COMPLETE, DELETED) and since and each.at <= since)
    return _Seen(
        tool=listing.tool,
        mend=_MENDS[plan.taken_by].format(name=plan.name),
        complete=complete,
        earlier=tuple(once)[1 : MOST + 1],
        damaged=tuple(each for each in within if each.state == DAMAGED),
        failed=next((e for e in within if e.state == INCOMPLETE and (not since or e.at > since)), None),
        listing=listing,
        after=any(each.state == COMPLETE and each.at > window.end for each in found) and not own,
    )


def _any_moment(listing: Listing, window: Window) -> Iterator[Taken]:
    if listing.point_in_time:
        earliest, latest = listing.point_in_time
        at = max(earliest, min(latest, window.end))
        yield Taken(id="point in time", at=at, kind="point-in-time recovery")


def _age(newest: Taken, window: Window) -> float:
    return max(0.0, (window.end - newest.at).total_seconds())


def _findings(seen: _Seen, window: Window, rpo_s: float, limits: Limits) -> Iterator[Finding]:
    newest = seen.newest
    if newest is None:
        yield _none(f"there is no complete backup: {_why_none(seen)}", seen.listing.remedy or seen.mend)
    else:
        yield from _late(seen, newest, _age(newest, window), rpo_s)
        yield from compared(newest, seen.earlier, limits)
    for damaged in seen.damaged:
        yield _damaged(seen, damaged)
    for fault in seen.listing.faults:
        yield Finding(rule=fault.rule, object=fault.object, severity=Severity.HIGH, title=fault.title, remedy=fault.remedy)


def _why_none(seen: _Seen) -> str:
    if seen.failed:
        return f"the newest attempt ({_when(seen.failed.at)}) did not end well: {seen.failed.says}"
    if seen.damaged:
        return f"{plural(len(seen.damaged), 'backup')} of {seen.tool} cannot be trusted"
    return seen.listing.missing or f"{seen.tool} has none up to this window"


def _late(seen: _Seen, newest: Taken, age: float, rpo_s: float) -> Iterator[Finding]:
    failed = f"; the newest attempt ({_when(seen.failed.at)}) failed: {seen.failed.says}" if seen.failed else ""
    reported = f"; its report was written {_when(seen.listing.read_at)}" if seen.listing.read_at else ""
    if age > rpo_s:
        yield Finding(
            rule="backup_overdue",
            object=_OBJECT,
            severity=Severity.CRITICAL if age > 2 * rpo_s else Severity.HIGH,
            title=f"the newest complete backup is {span(age)} old (limit {span(rpo_s)}){failed}{reported}",
            remedy=seen.mend,
            value=age,
            limit=rpo_s,
            unit=Unit.SECONDS,
        )
    elif seen.failed:
        yield Finding(
            rule="backup_incomplete",
            object=_OBJECT,
            severity=Severity.MEDIUM,
            title=f"the newest attempt ({_when(seen.failed.at)}) is not complete: {seen.failed.says}; the last complete "
            f"backup is {span(age)} old (limit {span(rpo_s)})",
            remedy=seen.mend,
            value=age,
            limit=rpo_s,
            unit=Unit.SECONDS,
        )


def _none(title: str, remedy: str) -> Finding:
    return Finding(rule="no_backup", object=_OBJECT, severity=Severity.CRITICAL, title=title, remedy=remedy)


def _damaged(seen: _Seen, damaged: Taken) -> Finding:
    last = seen.newest is None or damaged.at > seen.newest.at
    return Finding(
        rule="backup_damaged",
        object=damaged.id,
        severity=Severity.CRITICAL if last else Severity.HIGH,
        title=f"backup {damaged.id} of {_when(damaged.at)} cannot be trusted: {damaged.says}",
        remedy=f"take another one at once, then find out what damaged this: {seen.mend}",
    )


def _summary(seen: _Seen, window: Window, rpo_s: float) -> str:
    newest = seen.newest
    if newest is None:
        return f"no complete backup: {_why_none(seen)}"
    taken = f"newest backup of {_when(newest.at)}, {span(_age(newest, window))} old at the window's end (limit {span(rpo_s)})"
    parts = [taken, *_numbers(newest)]
    parts.append("read back and verified" if seen.tool == _UPKEEP else f"complete as {seen.tool} says")
    now, before, _ = sizes(newest, seen.earlier)
    if now is not None and len(before) < ENOUGH:
        parts.append(f"only {plural(len(before), 'earlier backup')}: size not judged")
    return ", ".join(parts)


def _numbers(newest: Taken) -> Iterator[str]:
    stored = newest.stored_bytes if newest.stored_bytes is not None else newest.raw_bytes
    if stored is not None:
        yield size(stored)
    if newest.seconds is not None:
        yield f"taken in {span(newest.seconds)}"


def _metrics(seen: _Seen, window: Window) -> Iterator[Metric]:
    newest, labels = seen.newest, {"tool": seen.tool}
    if newest is None:
        return
    yield Metric(name="backup_age", value=_age(newest, window), unit=Unit.SECONDS, labels=labels)
    stored = newest.stored_bytes if newest.stored_bytes is not None else newest.raw_bytes
    if stored is not None:
        yield Metric(name="backup_size", value=stored, unit=Unit.BYTES, labels=labels)
    if newest.seconds is not None:
        yield Metric(name="backup_duration", value=newest.seconds, unit=Unit.SECONDS, labels=labels)


def _evidence(seen: _Seen) -> dict[str, object]:
    rows: Sequence[Taken] = [*seen.complete[:1], *seen.earlier, *seen.damaged, *((seen.failed,) if seen.failed else ())]
    listed = [
        {
            "id": each.id,
            "tool": seen.tool,
            "kind": each.kind,
            "state": each.state,
            "at": each.at.isoformat(),
            "bytes": each.stored_bytes if each.stored_bytes is not None else each.raw_bytes,
            "seconds": each.seconds,
        }
        for each in sorted(rows, key=lambda each: each.at, reverse=True)
    ]
    read_at = {"report_written_at": seen.listing.read_at.isoformat()} if seen.listing.read_at else {}
    return {"backups": listed, **seen.listing.details, **read_at}


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
