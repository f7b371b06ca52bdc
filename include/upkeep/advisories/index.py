"""
The index of a place's advisories: made once for each state of the place, and again by any worker.

It lies in a private folder of the worker, and in the place itself once `keep_index` has put it there. Its name says of what it
was made, so that a changed dump is never answered by an older index. It appears whole or not at all: killed anywhere, the next
that asks makes it again and takes away what is left.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from upkeep.advisories.index_read import read_index, states_in
from upkeep.advisories.index_sources import Source, digest_of, sources_of
from upkeep.advisories.index_write import write_index
from upkeep.advisories.knowledge import Knowledge, fetched, none_kept, read_knowledge
from upkeep.errors import BrokenError
from upkeep.formats.package import Package
from upkeep.sources.hashed import download, sum_of_file, upload
from upkeep.sources.objects import ObjectStore
from upkeep.sources.worker_cache import alone, private_folder

SETTING = "UPKEEP_ADVISORY_CACHE"
FOLDER = "index"
_END = ".sqlite"
_KEPT = 8
_HALF = "half-"


def knowledge_about(place: ObjectStore, packages: Iterable[Package]) -> Knowledge:
    """What is kept at a place about these packages. Raises BrokenError when nothing is there, or it cannot be read."""
    states = place.states()
    sources = sources_of(states)
    if sources is None:  # a store that does not say when its objects changed: an index of it could be an old one
        return read_knowledge(place)
    file = _made(place, sources, states)
    try:
        found = read_index(file, packages)
    except sqlite3.Error as error:
        file.unlink(missing_ok=True)
        raise BrokenError(f"the index of advisories {file} was damaged ({error}) and is taken away", retry=True) from error
    if found is None:
        raise none_kept(place)
    return replace(found, dated={**found.dated, **fetched(place, states)})


def keep_index(place: ObjectStore) -> bool:
    """
    Put the index of this place as it is now into it, for all workers, and take older ones away; whether it was not there yet.

    It appears whole under a name that holds its digest, before older ones go: killed anywhere, the next run does the rest. Raises
    BrokenError.
    """
    states = place.states()
    sources = sources_of(states)
    if not sources:
        return False
    file, digest, there = _made(place, sources, states), digest_of(sources), _stored(states)
    new = not any(name.startswith(digest) for name in there)
    if new:
        upload(place.at(FOLDER), f"{digest}.{sum_of_file(file).sha256}{_END}", file)
    for name in place.at(FOLDER).sizes():  # what a killed run left half written too
        if not (name.startswith(digest) and name.endswith(_END)):
            place.at(FOLDER).delete(name)
    return new


def _stored(states: Mapping[str, str | None]) -> list[str]:
    """The indexes at a place, by their names in its folder."""
    return [n.removeprefix(f"{FOLDER}/") for n in states if n.startswith(f"{FOLDER}/") and n.endswith(_END)]


def _made(place: ObjectStore, sources: Mapping[str, Source], states: Mapping[str, str | None]) -> Path:
    """The index of these sources as a file of this worker."""
    folder = private_folder(SETTING, "upkeep-advisories")
    file = folder / f"{digest_of(sources)}{_END}"
    if not file.is_file():
        with alone(folder / "lock", "makes an index of advisories"), _translated(folder):
            if not file.is_file():
                _make(place, sources, _stored(states), file)
    with suppress(FileNotFoundError):
        os.utime(file)
    return file


def _make(place: ObjectStore, sources: Mapping[str, Source], stored: list[str], file: Path) -> None:
    """Only one process at a time is here: halves of others are those of processes that were killed."""
    for left in file.parent.glob(f"{_HALF}*"):
        left.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile(prefix=_HALF, dir=file.parent, delete=False) as made:
        half = Path(made.name)
    ready = [name for name in stored if name.startswith(file.stem)]
    if not any(_fetched(place, name, half) for name in ready):
        _begin(place, sources, [name for name in stored if name not in ready], half)
        write_index(place, sources, half)
    with half.open("rb") as written:
        os.fsync(written.fileno())
    half.replace(file)
    for older in sorted(file.parent.glob(f"*{_END}"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
        older.unlink(missing_ok=True)


def _begin(place: ObjectStore, sources: Mapping[str, Source], stored: list[str], half: Path) -> None:
    """Begin with an index of some of these sources, where there is one: only what came since is read then."""
    for before in sorted(half.parent.glob(f"*{_END}"), key=lambda path: path.stat().st_mtime, reverse=True):
        if _is_part(before, sources):
            shutil.copyfile(before, half)
            return
    for name in stored:
        if _fetched(place, name, half) and _is_part(half, sources):
            return
    half.write_bytes(b"")


def _is_part(file: Path, sources: Mapping[str, Source]) -> bool:
    try:
        there = states_in(file)
    except sqlite3.Error:
        return False
    return bool(there) and all(name in sources and sources[name].state == state for name, state in there.items())


def _fetched(place: ObjectStore, name: str, half: Path) -> bool:
    """Fetch a stored index; false when it is gone, or not what its name says."""
    try:
        return name.endswith(f".{download(place.at(FOLDER), name, half).sha256}{_END}")
    except BrokenError:
        return False


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        remedy = f"make room, or set {SETTING} to a folder with room for an index (about 1 GB for all of npm)"
        raise BrokenError(f"the index of advisories could not be written in {folder}: {error}", remedy, retry=True) from error
