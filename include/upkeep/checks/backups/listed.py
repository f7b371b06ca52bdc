"""What backups there were as of a window, whoever takes them."""

from collections.abc import Iterator
from dataclasses import dataclass

from upkeep.backups.registry import Record, Registry, State
from upkeep.checks.backups.compared import MOST
from upkeep.formats.backup_listing import COMPLETE, DAMAGED, DELETED, INCOMPLETE, Listing, Taken
from upkeep.sources import barman, pgbackrest, rds
from upkeep.sources.connections import Connections
from upkeep.targets.database import Backup, Database
from upkeep.window import Window

UPKEEP = "Upkeep"
_MENDS = {
    "upkeep": "see the log of the task `backup` in the DAG `backups`, mend its cause and clear that task; then clear this one",
    "pgbackrest": "pgbackrest --stanza={name} check; see pgBackRest's log and its schedule; pgbackrest --stanza={name} backup",
    "barman": "barman check {name}; see barman.log and its schedule; barman backup {name}",
    "rds": "aws rds describe-events --source-type db-instance --source-identifier {name} --duration 2880",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
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


def seen(db: Database, plan: Backup, window: Window, connections: Connections, registry: Registry) -> Seen:
    """Ask whoever takes them, and sort what is told by the window. Raises BrokenError and CannotAskError."""
    return _seen(plan, _listing(db, plan, window, connections, registry), window)


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
            rows = tuple(_taken(record, window) for record in _of_window(registry.records(db.name), window))
            return Listing(tool=UPKEEP, backups=rows, missing="Upkeep has not taken one yet", remedy=_MENDS["upkeep"])


def _of_window(records: list[Record], window: Window) -> list[Record]:
    """
    Backups of runs that were due by the window's end, also when they were taken later, as by a run that was cleared.

    Where none of these was ever complete, as after an installation, those of the night that the window reaches into count too.
    """
    due = [record for record in records if record.window.end <= window.end]
    if any(record.verified_at for record in due):
        return due
    return [record for record in records if record.window.start < window.end]


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


def _seen(plan: Backup, listing: Listing, window: Window) -> Seen:
    own = plan.taken_by == "upkeep"
    found = [*listing.backups, *_any_moment(listing, window)]
    within = sorted((each for each in found if own or each.at <= window.end), key=lambda each: (each.at, each.id), reverse=True)
    complete = tuple(each for each in within if each.state == COMPLETE)
    since = complete[0].at if complete else None
    once = (each for each in within if each.state in (COMPLETE, DELETED) and since and each.at <= since)
    return Seen(
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
