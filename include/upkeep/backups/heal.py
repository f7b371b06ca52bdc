"""What killed runs left, brought to an end: no manifest, then removed; a whole backup without its row, then registered."""

from dataclasses import replace
from datetime import UTC, datetime

from upkeep.backups import readback
from upkeep.backups.manifest import NAME, DamagedError, Manifest
from upkeep.backups.registry import Record, Registry, State
from upkeep.duty import Progress
from upkeep.sources.objects import ObjectStore


def completed(record: Record, manifest: Manifest, at: datetime) -> Record:
    """The row of a backup that was read back at this moment."""
    return replace(
        record,
        state=State.COMPLETE,
        snapshot_at=manifest.snapshot_at,
        finished_at=at,
        verified_at=at,
        stored_bytes=manifest.stored_bytes,
        raw_bytes=manifest.raw_bytes,
        tables=sum(bool(content.name) for content in manifest.contents),
        rows=manifest.rows,
        seconds=manifest.seconds,
        server_version=manifest.server_version,
        system_identifier=manifest.system_identifier,
        encrypted=bool(manifest.encrypted_to),
        manifest_sha256=manifest.sha256,
        table_rows={content.key: content.rows for content in manifest.contents},
        error=None,
    )


def heal(target: str, place: ObjectStore, registry: Registry, progress: Progress) -> None:
    """Bring rows and objects of earlier, killed runs to an end. The caller holds the claim. Can be killed and called again."""
    records = {record.id: record for record in registry.records(target)}
    there = {name.partition("/")[0] for name in place.sizes()}
    for made in sorted(there | {record.id for record in records.values() if record.state is State.TAKING}):
        record = records.get(made)
        if record is None:
            continue  # not ours to judge: another installation's, or taken before the report database was made anew
        if record.state is State.TAKING:
            progress("heal", f"{made} was left half made")
            _heal_taking(place.at(made), record, registry)
        elif record.state is State.FAILED:
            remove(place.at(made))


def remove(place: ObjectStore) -> None:
    """The manifest first: what is half removed never looks whole."""
    place.delete(NAME)
    place.delete_all()


def _heal_taking(place: ObjectStore, record: Record, registry: Registry) -> None:
    at = datetime.now(UTC)
    if not place.exists(NAME):
        remove(place)
        registry.put(replace(record, state=State.FAILED, error="its run ended before the manifest was stored", finished_at=at))
        return
    try:
        manifest = readback.read_manifest(place, record.id)
        readback.read_back(place, manifest.objects)
    except DamagedError as error:
        remove(place)
        registry.put(replace(record, state=State.FAILED, error=str(error), finished_at=at))
    else:
        registry.put(completed(record, manifest, at))
