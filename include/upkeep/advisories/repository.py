"""What a repository locks, and what it says of faults itself."""

from dataclasses import dataclass

from upkeep.advisories.found import Located
from upkeep.advisories.vex import Vex
from upkeep.advisories.vex_documents import is_vex, read_vex
from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.formats.lockfiles.sboms import is_none
from upkeep.sources.repository import Repository

_VEX_LIMIT = 16 * 10**6


@dataclass(frozen=True, slots=True)
class Contents:
    """What a repository locks and says. `incomplete` says why packages may be missing: then it is unknown, never smaller."""

    located: tuple[Located, ...]
    files: tuple[str, ...]
    incomplete: tuple[str, ...]
    notes: tuple[str, ...]
    vex: Vex


def contents(repository: Repository) -> Contents:
    """Read every lockfile and every VEX document. Raises BrokenError when its files cannot be listed."""
    readings = list(repository.readings())
    modules = [f"{path} is another repository, and not read" for path in repository.tree.submodules()]
    return Contents(
        located=tuple(Located(file, package) for file, reading in readings for package in reading.packages),
        files=tuple(file for file, reading in readings if not is_none(reading)),
        incomplete=tuple(f"{file}: {why}" for file, reading in readings for why in reading.incomplete),
        notes=(*modules, *(f"{file}: {note}" for file, reading in readings for note in reading.notes)),
        vex=_vex(repository),
    )


def _vex(repository: Repository) -> Vex:
    statements, problems = [], []
    for path in filter(is_vex, repository.tree.paths()):
        try:
            statements.append((path, repository.read(path, _VEX_LIMIT) or b""))
        except UnreadableError as error:
            problems.append(f"{path}: {error}")
    found = read_vex(statements)
    return Vex(found.statements, (*problems, *found.problems))
