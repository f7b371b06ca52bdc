"""A repository's files as packages and statements, wherever the files come from."""

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from upkeep.advisories.found import Located
from upkeep.advisories.vex import Vex
from upkeep.advisories.vex_documents import is_vex, read_vex
from upkeep.errors import BrokenError
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, found_in, read, reader_of

# Opens a file of the repository by its path: no more than so many bytes and one. None when there is none. Raises BrokenError.
Open = Callable[[str, int], bytes | None]
_VEX_LIMIT = 16 * 10**6


@dataclass(frozen=True, slots=True)
class Contents:
    """What a repository locks and says. `incomplete` says why packages may be missing: then it is unknown, never smaller."""

    located: tuple[Located, ...]
    files: tuple[str, ...]
    incomplete: tuple[str, ...]
    notes: tuple[str, ...]
    vex: Vex


def contents(paths: Iterable[str], open_file: Open) -> Contents:
    """Read every lockfile and every VEX document among these paths."""
    every = list(paths)
    located: list[Located] = []
    incomplete: list[str] = []
    notes: list[str] = []
    files = found_in(every)
    for file in files:
        try:
            raw = open_file(file, _limit(file))
        except BrokenError as error:
            incomplete.append(f"{file}: {error.reason}")
            continue
        reading = read(file, raw or b"", _beside(file, open_file))
        located += [Located(file, package) for package in reading.packages]
        incomplete += [f"{file}: {why}" for why in reading.incomplete]
        notes += [f"{file}: {note}" for note in reading.notes]
    return Contents(tuple(located), files, tuple(incomplete), tuple(notes), _vex(every, open_file))


def _limit(file: str) -> int:
    reader = reader_of(file)
    return reader.limit if reader else 0


def _beside(file: str, open_file: Open) -> Beside:
    """Files by their path from the folder of this one."""
    folder = posixpath.dirname(file)

    def open_beside(path: str) -> bytes | None:
        full = posixpath.normpath(posixpath.join(folder, path))
        if posixpath.isabs(path) or full.split("/")[0] == "..":
            raise UnreadableError(f"{path} leads out of the repository")
        limit = _limit(file)
        try:
            raw = open_file(full, limit)
        except BrokenError as error:
            raise UnreadableError(error.reason) from error
        if raw is not None and len(raw) > limit:
            raise UnreadableError(f"{path} is larger than {limit // 10**6} MB")
        return raw

    return open_beside


def _vex(paths: Iterable[str], open_file: Open) -> Vex:
    said = []
    problems = []
    for path in filter(is_vex, paths):
        try:
            said.append((path, (open_file(path, _VEX_LIMIT) or b"")[: _VEX_LIMIT + 1]))
        except BrokenError as error:
            problems.append(f"{path}: {error.reason}")
    found = read_vex(said)
    return Vex(found.statements, (*problems, *found.problems))
