"""Backups kept by days, weeks and months, the others deleted."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from upkeep.answer import Answer, Finding, Json, Metric, Severity
from upkeep.backups.deletion import delete, locked, missing_from, resume
from upkeep.backups.registry import HeldError, Record, Registry, State, backup_itself, backups_of
from upkeep.backups.retention import Plan, Rule, choose, forecast
from upkeep.backups.shelf import folder_of, own_plan
from upkeep.duty import Progress, job
from upkeep.errors import BrokenError, ClaimedError
from upkeep.humanize import plural, size
from upkeep.sources.connections import Connections
from upkeep.sources.objects import ObjectStore
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_UNSTOP = (
    "compare the clocks of this machine and of the database server; take a backup; if so many are to go because the rule was "
    "changed, raise max_share of retention for this target until they are gone"
)


@job(Cadence.BACKUPS, owner="database", after=("backup",), hours=1, queue="heavy", at_once=4)
def retention(
    db: Database,
    connections: Connections,
    registry: Registry,
    progress: Progress,
    *,
    daily: int = 7,
    weekly: int = 5,
    monthly: int = 12,
    max_gap_days: float = 3,
    max_share: float = 0.5,
    dry_run: bool = False,
) -> Answer:
    """
    Old backups deleted: what days, weeks and months do not need.

    Kept is the newest backup of each of the last 7 days, 5 ISO weeks and 12 months (UTC) that have one, so that a pause pushes
    nothing out. Never deleted are the newest verified backup, the newest that a restore has proven, one that a person holds, and
    one under the store's object lock or legal hold. Nothing at all is deleted when the newest backup lies in the future or more
    than `max_gap_days` back (a clock jumped, or none was taken), when more than three and more than `max_share` of all would go
    at once, or when the newest verified backup is not whole in the store. One that is being restored is kept until the next run.
    `dry_run` says what would go and changes nothing. Only backups that Upkeep took; their rows stay. Safe to kill at any point.
    """
    own_plan(db, "which also decides how long they are kept")
    rule = Rule(daily=daily, weekly=weekly, monthly=monthly, max_gap=timedelta(days=max_gap_days), max_share=max_share)
    shelf = Shelf(lambda record: folder_of(record, db, connections), registry, progress)
    progress("claim", f"to be the only one at the backups of {db.name}")
    with registry.claimed(backups_of(db.name)):
        if not dry_run:
            shelf.resume(db.name)
        progress("choose")
        done = shelf.tidy(db.name, rule, dry_run=dry_run)
        after, proven = registry.records(db.name), _proven(registry, db.name)
    return Answer.judged(done.summary(dry_run=dry_run), findings=done.findings(), metrics=_metrics(after),
        evidence=_evidence(done, forecast(after, proven, rule), after, dry_run=dry_run))  # fmt: skip


@dataclass
class Done:
    """What came of one round. `kept_by_store`, `in_use` and `refused` say why, by the backup's id."""

    plan: Plan
    broken: str | None = None
    deleted: list[Record] = field(default_factory=list)
    kept_by_store: dict[str, str] = field(default_factory=dict)
    in_use: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> dict[str, str]:
        """Why each backup is still there that was to go."""
        return self.kept_by_store | self.in_use | self.refused

    def summary(self, *, dry_run: bool) -> str:
        """One line with numbers."""
        parts = [f"{plural(len(self.plan.kept) + len(self.left), 'backup')} kept"]
        if self.stopped:
            parts = [f"nothing deleted: {self.stopped}"]
        elif self.deleted:
            freed = size(sum(record.stored_bytes or 0 for record in self.deleted))
            message = f"would delete {len(self.deleted)}" if dry_run else f"{len(self.deleted)} deleted"
            parts.append(f"{message} ({freed}): {_dates(self.deleted)}")
        parts += [f"{made} kept: {why}" for made, why in self.left.items()]
        return "; ".join([*parts, *(["dry run, nothing was changed"] if dry_run else [])])

    @property
    def stopped(self) -> str | None:
        """Why nothing was deleted that the rule alone would have let go."""
        return self.broken or self.plan.stopped

    def findings(self) -> list[Finding]:
        """What a person should look at."""
        found = []
        if self.broken:
            title = f"no backup is deleted: the newest verified one is not whole here: {self.broken}"
            remedy = "take a backup at once (clear the task), then find out what happened in the store"
            found.append(Finding(rule="newest_backup_not_whole", object="backups", severity=Severity.CRITICAL, title=title,
                remedy=remedy))  # fmt: skip
        elif self.plan.stopped:
            title = f"no backup is deleted: {self.plan.stopped}"
            found.append(
                Finding(rule="retention_stopped", object="backups", severity=Severity.MEDIUM, title=title, remedy=_UNSTOP)
            )
        if self.refused:
            why = next(iter(self.refused.values()))
            title = f"the store does not let {plural(len(self.refused), 'old backup')} be deleted: {why}"
            remedy = "let the connection delete objects at this place, or keep more backups"
            found.append(
                Finding(rule="backup_not_deletable", object="backups", severity=Severity.LOW, title=title, remedy=remedy)
            )
        return found


@dataclass(frozen=True)
class Shelf:
    """The backups of one target: rows, and the folder of each. The caller holds the claim."""

    folder: Callable[[Record], ObjectStore]
    registry: Registry
    progress: Progress

    def resume(self, target: str) -> None:
        """Bring deletions to an end that a killed run began."""
        for record in self.registry.records(target):
            folder = self.folder(record) if record.state is State.DELETING else None
            if folder and not _elsewhere(record, folder):
                resume(folder, record, self.registry, self.progress)

    def tidy(self, target: str, rule: Rule, *, dry_run: bool) -> Done:
        """Choose, and delete what may go."""
        plan = choose(self.registry.records(target), _proven(self.registry, target), self.registry.asked_at, rule)
        done = Done(plan)
        if plan.deletable:
            done.broken = self._newest_missing(plan)
        for record in () if done.broken else plan.deletable:
            self._let_go(record, done, dry_run=dry_run)
        return done

    def _newest_missing(self, plan: Plan) -> str | None:
        """Rows may be wrong: before anything goes, see that what is to replace it is there."""
        newest = next(kept.record for kept in plan.kept if "newest verified" in kept.reasons)
        folder = self.folder(newest)
        return _elsewhere(newest, folder) or missing_from(folder, newest)

    def _let_go(self, record: Record, done: Done, *, dry_run: bool) -> None:
        folder = self.folder(record)
        away = _elsewhere(record, folder)
        if away:
            done.in_use[record.id] = away
            return
        lock = locked(folder)
        if lock:
            done.kept_by_store[record.id] = lock
            return
        if not dry_run:
            try:
                with self.registry.claimed(backup_itself(record.id), wait=False):
                    delete(folder, record, self.registry, self.progress)
            except ClaimedError as error:
                done.in_use[record.id] = f"it is being restored ({error.reason})"
                return
            except HeldError:
                done.in_use[record.id] = "a person holds it since"
                return
            except BrokenError as error:
                if error.retry:
                    raise
                done.refused[record.id] = error.reason
                return
        done.deleted.append(record)


def _elsewhere(record: Record, folder: ObjectStore) -> str | None:
    """Why a backup is out of reach here: it is on the disk of another worker, and nothing of it is at this place."""
    here = socket.gethostname()
    if record.host and record.host != here and not folder.sizes():
        return f"it is on the local disk of {record.host}, and this is {here}: every worker must reach the store"
    return None


def _proven(registry: Registry, target: str) -> set[str]:
    return {restoration.backup_id for restoration in registry.restorations(target) if restoration.state == "proven"}


def _dates(records: list[Record]) -> str:
    return ", ".join(f"{record.snapshot_at:%Y-%m-%d}" for record in records)


def _metrics(after: list[Record]) -> list[Metric]:
    kept = [record for record in after if record.state is State.COMPLETE]
    return [
        Metric(name="backups_kept", value=len(kept), unit=Unit.COUNT),
        Metric(name="backups_stored_bytes", value=sum(record.stored_bytes or 0 for record in kept), unit=Unit.BYTES),
    ]


def _evidence(done: Done, falls: dict[str, date], after: list[Record], *, dry_run: bool) -> Json:
    sizes = {record.id: record.stored_bytes for record in after}
    gone = [
        {"id": r.id, "snapshot_at": r.snapshot_at.isoformat() if r.snapshot_at else None, "bytes": r.stored_bytes}
        for r in done.deleted
    ]
    coming = sorted((at, made) for made, at in falls.items())
    return {
        "dry_run": dry_run,
        ("would_delete" if dry_run else "deleted"): gone,
        "kept": {kept.record.id: list(kept.reasons) for kept in done.plan.kept} | {
            made: [why] for made, why in done.left.items()
        },
        "next_deletions": [{"id": made, "on": at.isoformat(), "bytes": sizes.get(made)} for at, made in coming],
    }  # fmt: skip
