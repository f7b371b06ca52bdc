"""Direct dependencies that no source file imports: a hint, since what is loaded by name is not seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from upkeep.advisories.source_imports import ECOSYSTEMS, source_imports
from upkeep.checks.dependencies.parts import Licensed
from upkeep.sources.repository import Repository


@dataclass(frozen=True, slots=True)
class Unused:
    """The packages that nothing imports, and why that could not be told of some."""

    packages: tuple[str, ...]
    notes: tuple[str, ...]


def unused(repository: Repository, packages: Sequence[Licensed], most_files: int) -> Unused:
    """Direct packages for production of Python and npm that no file of the repository imports."""
    names: list[str] = []
    notes: list[str] = []
    for ecosystem in ECOSYSTEMS:
        direct = {p.package.name for p in packages if p.package.ecosystem == ecosystem and p.package.direct and p.ships}
        if direct:
            found = source_imports(repository, ecosystem, most_files)
            names += [f"{ecosystem}/{name}" for name in sorted(direct) if found.files and found.of(name) is None]
            notes += [found.unseen] if found.unseen else []
    return Unused(tuple(names), tuple(notes))
