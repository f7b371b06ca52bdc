"""
Deleting one backup, in steps that a kill may fall between.

The row says `deleting` before anything is gone, and the manifest goes first: at no point does a backup look complete that is not.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from upkeep.backups.manifest import NAME, DamagedError
from upkeep.backups.readback import read_manifest
from upkeep.backups.registry import Record, Registry, State, backups_of
from upkeep.duty import Progress
from upkeep.errors import BrokenError
from upkeep.humanize import plural
from upkeep.sources.objects import ObjectStore


def locked(place: ObjectStore) -> str | None:
    """Why the store does not let go of this backup (object lock, legal hold), or None. Asks about each object."""
    for name in sorted(place.sizes(), key=lambda name: name != NAME):
        reason = place.locked(name)
        if reason:
            return reason
    return None


def delete(place: ObjectStore, record: Record, registry: Registry, progress: Progress) -> Record:
    """
    Delete a backup's objects and keep its row. The caller holds the claim. Can be killed and called again.

    Raises BrokenError: without retry when the store refuses, and then the backup is as it was.
    """
    progress("mark", record.id)
    registry.assert_claimed(backups_of(record.target))
    registry.put(replace(record, state=State.DELETING))
    try:
        progress("delete manifest", record.id)
        place.delete(NAME)
    except BrokenError as error:
        if not error.retry and place.exists(NAME):
            registry.put(replace(record, state=State.COMPLETE))
        raise
    return _finish(place, record, registry, progress)


def resume(place: ObjectStore, record: Record, registry: Registry, progress: Progress) -> Record:
    """Bring a deletion that was cut short to its end; one that had deleted nothing yet is taken back, to be decided anew."""
    if place.exists(NAME):
        back = replace(record, state=State.COMPLETE)
        registry.assert_claimed(backups_of(record.target))
        registry.put(back)
        return back
    return _finish(place, record, registry, progress)


def missing_from(place: ObjectStore, record: Record) -> str | None:
    """What the store lacks of a complete backup, by its manifest and the sizes of its objects; None when all is there."""
    sizes = place.sizes()
    if NAME not in sizes:
        return f"{place.url} has no {NAME}"
    try:
        manifest = read_manifest(place, record.id, record.manifest_sha256)
    except DamagedError as error:
        return str(error)
    wrong = [stored.name for stored in manifest.objects if sizes.get(stored.name) != stored.bytes]
    return f"{place.url}: {plural(len(wrong), 'object')} missing or of another size, such as {wrong[0]}" if wrong else None


def _finish(place: ObjectStore, record: Record, registry: Registry, progress: Progress) -> Record:
    progress("delete objects", record.id)
    registry.assert_claimed(backups_of(record.target))
    place.delete_all()
    _assert_gone(place, place.sizes())
    progress("note", record.id)
    gone = replace(record, state=State.DELETED, deleted_at=datetime.now(UTC))
    registry.put(gone)
    progress("done", record.id)
    return gone


def _assert_gone(place: ObjectStore, left: Collection[str]) -> None:
    if left:
        raise BrokenError(f"{place.url} still has {plural(len(left), 'object')} after they were deleted", retry=True)
