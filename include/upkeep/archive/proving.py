"""A batch's file in the store: put there, fetched again, and compared with what came out of the table."""

from dataclasses import replace
from pathlib import Path

from upkeep.archive import reading
from upkeep.archive.copying import Copied
from upkeep.archive.manifest import DamagedError, Manifest
from upkeep.archive.place import PENDING, Place
from upkeep.errors import BrokenError
from upkeep.sources import hashed
from upkeep.sources.objects import ObjectStore


def store_proven(place: Place, manifest: Manifest, copied: Copied) -> Manifest:
    """
    Store the file under `pending/`, read it back from there, compare, and only then store its manifest.

    Killed anywhere, what is in `pending/` without a record of a delete is thrown away by the next run. Raises DamagedError when
    the stored file does not hold what came out of the table.
    """
    name = f"{PENDING}/{manifest.id}.parquet"
    sent = hashed.upload(place.store, name, copied.path)
    manifest = replace(manifest, rows=len(copied.versions), digest=copied.digest, bytes=sent.bytes, sha256=sent.sha256)
    back = copied.path.with_suffix(".back")
    fetch(place.store, name, back, manifest)
    check_content(back, manifest)
    back.unlink()
    place.store.put(f"{PENDING}/{manifest.id}.json", manifest.to_json())
    return manifest


def check_content(path: Path, manifest: Manifest) -> None:
    """Compare what DuckDB reads of a file with what its manifest says. Raises DamagedError."""
    found = reading.content(path, manifest.columns)
    if (found.rows, found.digest) != (manifest.rows, manifest.digest):
        what = f"{found.rows} rows, not {manifest.rows}" if found.rows != manifest.rows else "other values than the table had"
        raise DamagedError(f"batch {manifest.id} of {manifest.table}, read back by DuckDB, has {what}")


def fetch(store: ObjectStore, name: str, path: Path, manifest: Manifest) -> None:
    """An object into a local file. Raises DamagedError when it is not what its manifest says, BrokenError when away."""
    try:
        came = hashed.download(store, name, path)
    except OSError as error:
        raise BrokenError(
            f"no room for a batch in {path.parent}: {error.strerror}", "make room there, or set TMPDIR", retry=True
        ) from error
    if came != hashed.Sum(manifest.bytes, manifest.sha256):
        raise DamagedError(
            f"{store.url}/{name} is not as it was stored: {came.bytes} bytes of {manifest.bytes}, or other content"
        )
