"""Where the backups of a target are: what the inventory says, its folder in a store, and the folder of one backup."""

from urllib.parse import quote

from upkeep.backups.registry import Record
from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.connections import Connections
from upkeep.sources.objects import ObjectStore
from upkeep.targets.database import Backup, Database
from upkeep.targets.target import Target

DECLARE = "backup:\n  to: s3://bucket/prefix   # or file:///folder, gs://bucket, abfs://container\n  connection: aws_default"


def own_plan(db: Database, elsewhere: str) -> Backup:
    """How Upkeep backs this database up. Raises CannotAskError when it does not; `elsewhere` says who sees to it then."""
    if db.backup is None:
        raise CannotAskError("the inventory does not say where backups of this database go", DECLARE)
    if db.backup.taken_by != "upkeep":
        raise CannotAskError(f"its backups are taken by {db.backup.taken_by}, {elsewhere}")
    return db.backup


def place_of(store: ObjectStore, target: str) -> ObjectStore:
    """The target's folder in a store, whatever its name holds."""
    return store.at(quote(target, safe=""))


def shows_anything(place: ObjectStore) -> bool:
    """
    Whether the store has any object of this backup, or of others of its target. Raises BrokenError.

    A disk that is not mounted, or a bucket under another prefix, looks like a backup whose every object was lost.
    """
    above, above_url = (text.rstrip("/").rpartition("/")[0] for text in (place.root, place.url))
    return bool(place.sizes() or ObjectStore(place.filesystem, above, above_url).sizes())


def folder_of(record: Record, target: Target, connections: Connections) -> ObjectStore:
    """
    The folder of one backup, through the connection that it was taken with; the inventory may name another place by now.

    Raises BrokenError when the row names a folder that is not the backup's own.
    """
    if not record.location.rstrip("/").endswith(f"/{record.id}"):
        raise BrokenError(f"backup {record.id} is said to be at {record.location}, which is not named after it", retry=False)
    plan = target.backup if isinstance(target, Database) else None
    same = plan if plan and plan.to and record.location.startswith(plan.to) else None
    return connections.objects(record.location, record.connection or (same.connection if same else None))
