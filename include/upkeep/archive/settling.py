"""
What became of a batch: published with exactly the rows that were deleted, or thrown away.

Everything follows from the objects in `pending/` and from what the server knows of its transactions, so that it may be done by
the run that made the batch or by the next one, and again from any point at which it was killed.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from upkeep.archive import reading
from upkeep.archive.content_digest import ContentDigest, values_of
from upkeep.archive.deletion import Record, state_of
from upkeep.archive.manifest import DamagedError, Manifest
from upkeep.archive.place import MANIFESTS, PENDING, Place
from upkeep.archive.proving import check_content, fetch
from upkeep.archive.rows_file import RowsFile
from upkeep.archive.session import Session
from upkeep.sources import hashed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DELETED, _PARQUET = ".deleted", ".parquet"


@dataclass(frozen=True, slots=True)
class Settling:
    """Brings batches of one table to an end. `folder` is an empty one on this disk."""

    session: Session
    place: Place
    folder: Path

    def all_left(self) -> list[Manifest]:
        """Settle what earlier runs left in `pending/`; the batches that were published. Raises BrokenError and DamagedError."""
        found = [self.settle(batch) for batch in sorted(self.place.pending())]
        return [manifest for manifest in found if manifest]

    def settle(self, batch: str, local: Path | None = None) -> Manifest | None:
        """
        Publish what was deleted of a batch, or throw it away when nothing was; its manifest when it is published.

        `local` is the file on this disk, when it is still there.
        """
        names = self.place.pending().get(batch, {})
        if self.place.published(batch):
            self._clean(names)
            return None
        records = [self._record(name) for name in sorted(names) if name.endswith(_DELETED)]
        committed = [record for record in records if state_of(self.session, record) == "committed"]
        manifest = self._publish(batch, committed, local) if committed else None
        self._clean(names)
        return manifest

    def _record(self, name: str) -> Record:
        return Record.parse(self.place.store.get(f"{PENDING}/{name}"), f"{PENDING}/{name}")

    def _publish(self, batch: str, committed: list[Record], local: Path | None) -> Manifest | None:
        import numpy as np

        name = f"{PENDING}/{batch}.json"
        manifest = Manifest.parse(self.place.store.get(name), name)
        deleted = np.zeros(manifest.rows, dtype=bool)
        for record in committed:
            record.mark(deleted)
        if not deleted.any():
            return None
        path = self._proven(manifest, local)
        if not deleted.all():
            path, manifest = self._narrowed(path, manifest, deleted)
        hashed.upload(self.place.store, manifest.file, path)
        back = self.folder / "published.parquet"
        fetch(self.place.store, manifest.file, back, manifest)  # the very bytes that were proven
        back.unlink()
        self.place.store.put(f"{MANIFESTS}/{batch}.json", manifest.to_json())
        return manifest

    def _proven(self, manifest: Manifest, local: Path | None) -> Path:
        """The proven file: this disk's where it is the same to the byte, else the store's."""
        sealed = hashed.Sum(manifest.bytes, manifest.sha256)
        if local is not None and local.exists() and hashed.sum_of_file(local) == sealed:
            return local
        name, path = f"{PENDING}/{manifest.id}{_PARQUET}", self.folder / "fetched.parquet"
        if not self.place.store.exists(name):
            raise DamagedError(f"{self.place.store.url}/{name} is gone, and the rows of it were deleted: restore the object")
        fetch(self.place.store, name, path, manifest)
        return path

    def _narrowed(self, path: Path, manifest: Manifest, keep: "NDArray[np.bool_]") -> tuple[Path, Manifest]:
        """The file with only these rows, compared with the rows that DuckDB reads of the whole, proven one."""
        check_content(path, manifest)
        to = self.folder / "narrowed.parquet"
        _write_kept(path, to, manifest, keep)
        found, digest = hashed.sum_of_file(to), _digest_of_kept(path, manifest, keep)
        manifest = replace(manifest, rows=int(keep.sum()), digest=digest, bytes=found.bytes, sha256=found.sha256)
        check_content(to, manifest)
        return to, manifest

    def _clean(self, names: dict[str, int]) -> None:
        """Records of deletes go last: without them a batch counts as one of which nothing was deleted."""
        for name in sorted(names, key=lambda name: name.endswith(_DELETED)):
            self.place.store.delete(f"{PENDING}/{name}")


def _write_kept(path: Path, to: Path, manifest: Manifest, keep: "NDArray[np.bool_]") -> None:
    import pyarrow as pa
    from pyarrow import parquet

    at = 0
    with parquet.ParquetFile(path) as source, RowsFile(to, manifest.columns) as file:
        for batch in source.iter_batches():
            file.write(pa.Table.from_batches([batch.filter(pa.array(keep[at : at + len(batch)]))]))
            at += len(batch)


def _digest_of_kept(path: Path, manifest: Manifest, keep: "NDArray[np.bool_]") -> str:
    import pyarrow as pa

    digest, at = ContentDigest(len(manifest.columns)), 0
    for batch in reading.batches(path, manifest.columns):
        kept = batch.filter(pa.array(keep[at : at + len(batch)]))
        digest.add(values_of(kept.columns, manifest.columns))
        at += len(batch)
    return digest.hexdigest()
