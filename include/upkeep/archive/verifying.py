"""Every file of an archive read again by DuckDB, and compared with what came out of the table."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from upkeep.archive.manifest import DamagedError, Manifest
from upkeep.archive.place import Place
from upkeep.archive.proving import check_content, fetch
from upkeep.archive.recorded import Recorded


def damage(
    place: Place, folder: Path, say: Callable[[str], None] = lambda _: None, recorded: Iterable[Recorded] = ()
) -> list[str]:
    """
    Everything that is not as it was archived, in words; empty when all is. Raises BrokenError when the store is away.

    `recorded` is what the report database knows of it: without it a file that is lost with its manifest is not missed.
    """
    try:
        known = place.check_whole(recorded)
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
