"""Reading a backup back from its store: every object there, none beside, each with its size and SHA-256."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from upkeep.backups import entries_file
from upkeep.backups.manifest import NAME, DamagedError, Manifest, StoredObject
from upkeep.humanize import plural
from upkeep.sources import hashed
from upkeep.sources.objects import ObjectStore


def read_manifest(place: ObjectStore, backup_id: str, expected_sha256: str | None = None) -> Manifest:
    """
    The manifest of the backup that this place is named after.

    Raises DamagedError when it is damaged, another backup's, or not the one that the report database remembers.
    """
    manifest = Manifest.parse(place.get(NAME))
    if manifest.id != backup_id:
        raise DamagedError(f"{place.url} holds the manifest of backup {manifest.id}, not of {backup_id}")
    if expected_sha256 and manifest.sha256 != expected_sha256:
        raise DamagedError(f"{place.url}: the manifest is not the one that was stored when the backup was taken")
    return manifest


def read_whole(place: ObjectStore, backup_id: str, expected_sha256: str | None = None, keys: Sequence[Any] = ()) -> Manifest:
    """The manifest with the entries of the catalog. Raises as `read_manifest` does, and BrokenError without the key."""
    return entries_file.loaded(place, read_manifest(place, backup_id, expected_sha256), keys)


def read_back(place: ObjectStore, objects: Iterable[StoredObject], jobs: int = 2) -> None:
    """Read every object and compare. Raises DamagedError that lists each difference, BrokenError when the store is away."""
    listed = {stored.name: stored for stored in objects}
    there = set(place.sizes()) - {NAME}
    wrong = [f"{name} is missing" for name in sorted(listed.keys() - there)]
    wrong += [f"{name} does not belong to this backup" for name in sorted(there - listed.keys())]
    with ThreadPoolExecutor(jobs, "read back") as pool:
        found = pool.map(lambda name: _difference(place, listed[name]), sorted(listed.keys() & there))
        wrong += [line for line in found if line]
    if wrong:
        raise DamagedError(f"{place.url}: {plural(len(wrong), 'object')} not as stored: " + "; ".join(wrong))


def _difference(place: ObjectStore, stored: StoredObject) -> str | None:
    found = hashed.sum_of(place, stored.name)
    if found.bytes != stored.bytes:
        return f"{stored.name} has {found.bytes} bytes, not {stored.bytes}"
    return None if found.sha256 == stored.sha256 else f"{stored.name} has other content (SHA-256 differs)"
