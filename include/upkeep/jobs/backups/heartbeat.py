"""A row in each database that says when it was written."""

from upkeep.answer import Answer
from upkeep.backups.registry import Registry
from upkeep.drills.heartbeat import beat
from upkeep.duty import job
from upkeep.sources.connections import Connections
from upkeep.targets.database import Database
from upkeep.window import Cadence

_DECLARE = "heartbeat: true   # or the name of a schema, or {table: public.orders, column: placed_at}"


@job(Cadence.BACKUPS, owner="database", hours=0.2, at_once=4)
def heartbeat(db: Database, connections: Connections, registry: Registry, *, dry_run: bool = False) -> Answer:
    """
    A row in each database that says when it was written.

    Just before the nightly backup one row is replaced in a table of Upkeep's own, so that a restored copy itself says until when
    it is whole: the restore test reads it there, whatever any program claims about the backup. One row for each installation of
    Upkeep and target; it never grows, and a backup treats it as data. Only where the inventory says `heartbeat: true` or names a
    schema; a column of the application is read and never written. Each statement stands for itself and is made again by the next
    run, so it may be killed at any point. `dry_run` says what would be written and changes nothing.
    """
    declared = db.heartbeat
    if declared is None:
        return Answer.judged("none is declared, so that no row will say how far a copy reaches", evidence={"declare": _DECLARE})
    if not declared.is_ours:
        return Answer.judged(f"nothing to write: restore tests read the newest {declared.column} of {declared.table}")
    endpoint = connections.postgres(declared.login or db.connection)
    at, done = beat(endpoint, declared.schema_name, registry.installation, db.name, dry_run=dry_run)
    if at is None:
        return Answer.judged(f"{done}; dry run, nothing was changed", evidence={"dry_run": True})
    return Answer.judged(f"{done}: {at:%Y-%m-%d %H:%M:%S} UTC", evidence={"beat_at": at.isoformat(), "dry_run": False})
