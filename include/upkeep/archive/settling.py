"""
What became of a batch: published with exactly the rows that were deleted, or thrown away.

Everything follows from the objects in `pending/` and from what the server knows of its transactions, so that it may be done by
the run that made the batch or by the next one, and again from any point at which it was killed.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from upkeep.archive import reading
from upkeep.archive.copying import check_content, download, sealed, upload
from upkeep.archive.deletion import Record, state_of
from upkeep.archive.manifest import DamagedError, Manifest
from upkeep.archive.place import MANIFESTS, PENDING, Place
from upkeep.archive.rows_file import RowsFile
from upkeep.archive.session import Session

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

        `local` is the file on this disk, for a store that has lost it since.
        """
        names = self.place.pending().get(batch, {})
        if self.place.published(batch):
            self._clean(names)
            return None
        records = [self._record(name) for name in sorted(names) if name.endswith(_DELETED)]
        committed = [record for record in records if state_of(self.session, record) == "committed"]
        places = [place for record in committed for place in record.deleted()]
        if not places:
            self._clean(names)
            return None
        manifest = self._publish(batch, places, local)
        self._clean(names)
        return manifest

    def _record(self, name: str) -> Record:
        return Record.parse(self.place.store.get(f"{PENDING}/{name}"), f"{PENDING}/{name}")

    def _publish(self, batch: str, places: list[int], local: Path | None) -> Manifest:
        name = f"{PENDING}/{batch}.json"
        manifest = Manifest.parse(self.place.store.get(name), name)
        path = self._fetched(manifest, local)
        if len(places) < manifest.rows:
            path, manifest = self._narrowed(path, manifest, places)
        upload(self.place.store, manifest.file, path)
        back = self.folder / "published.parquet"
        download(self.place.store, manifest.file, back, manifest)  # the very bytes that were proven
        back.unlink()
        self.place.store.put(f"{MANIFESTS}/{batch}.json", manifest.to_json())
        return manifest

    def _fetched(self, manifest: Manifest, local: Path | None) -> Path:
        """The proven file, from the store; from this disk when the store has lost it."""
        name, path = f"{PENDING}/{manifest.id}{_PARQUET}", self.folder / "fetched.parquet"
        here = local is not None and local.exists()
        if self.place.store.exists(name):
            try:
                download(self.place.store, name, path, manifest)
                return path
            except DamagedError:
                if not here:
                    raise
        if local is None or not here:
            raise DamagedError(f"{self.place.store.url}/{name} is gone, and the rows of it were deleted: restore the object")
        return local

    def _narrowed(self, path: Path, manifest: Manifest, places: list[int]) -> tuple[Path, Manifest]:
        """The file with only these rows, compared with the rows that DuckDB reads of the whole, proven one."""
        import numpy as np

        check_content(path, manifest)
        keep = np.zeros(manifest.rows, dtype=bool)
        keep[places] = True
        to = self.folder / "narrowed.parquet"
        _write_kept(path, to, manifest, keep)
        manifest = replace(manifest, rows=len(places), digest=_digest_of_kept(path, manifest, keep), **sealed(to))
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
            file.write_table(pa.Table.from_batches([batch.filter(pa.array(keep[at : at + len(batch)]))]))
            at += len(batch)


def _digest_of_kept(path: Path, manifest: Manifest, keep: "NDArray[np.bool_]") -> str:
    import pyarrow as pa
    import xxhash

    digest, at = xxhash.xxh3_128(), 0
    for array in reading.lines(path, manifest.columns):
        digest.update(reading.text_of(array.filter(pa.array(keep[at : at + len(array)]))))
        at += len(array)
    return digest.hexdigest()
