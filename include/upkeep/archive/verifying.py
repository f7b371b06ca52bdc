"""Every file of an archive read again by DuckDB, and compared with what came out of the table."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from upkeep.archive.manifest import DamagedError, Manifest
from upkeep.archive.place import Place
from upkeep.archive.proving import check_content, fetch


def damage(place: Place, folder: Path, say: Callable[[str], None] = lambda _: None) -> list[str]:
    """Everything that is not as it was archived, in words; empty when all is. Raises BrokenError when the store is away."""
    try:
        known = place.check_whole()
    except DamagedError as error:
        return [str(error)]
    return list(_wrong(place, known, folder, say))


def _wrong(place: Place, known: Iterable[Manifest], folder: Path, say: Callable[[str], None]) -> Iterator[str]:
    for manifest in known:
        say(manifest.file)
        path = folder / "verified.parquet"
        try:
            fetch(place.store, manifest.file, path, manifest)
            check_content(path, manifest)
        except DamagedError as error:
            yield str(error)
        finally:
            path.unlink(missing_ok=True)
