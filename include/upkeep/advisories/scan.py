"""A repository scanned: what is found, what passes by its own statements, what could not be checked, and what to do."""

from dataclasses import dataclass
from datetime import datetime

from upkeep.advisories.found import Found, Located, look
from upkeep.advisories.knowledge import Knowledge
from upkeep.advisories.patches import Patch, patches
from upkeep.advisories.repository import Contents
from upkeep.advisories.vex import Statement, Vex
from upkeep.formats.package import Origin

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Passed:
    """A fault that the repository says does not matter: shown, and no longer due."""

    found: Found
    statement: Statement


@dataclass(frozen=True, slots=True)
class Scanned:
    """What came of a scan. `unchecked` says why files or ecosystems may be missing, `unclear` which packages."""

    at: datetime
    found: tuple[Found, ...]
    passed: tuple[Passed, ...]
    unchecked: tuple[str, ...]
    notes: tuple[str, ...]
    patches: tuple[Patch, ...]
    files: tuple[str, ...]
    packages: int
    covered: tuple[str, ...]
    unclear: tuple[tuple[Located, str], ...] = ()

    @property
    def open_questions(self) -> tuple[str, ...]:
        """Everything that could not be checked, in words."""
        return (*self.unchecked, *dict.fromkeys(f"{place.text}: {why}" for place, why in self.unclear))


def scan(repository: Contents, knowledge: Knowledge, at: datetime) -> Scanned:
    """Judge what a repository locks by what was known at a moment."""
    looked = look(repository.located, knowledge, at)
    stated = [(one, _statement(one, repository.vex, at)) for one in looked.found]
    found = tuple(one for one, statement in stated if statement is None)
    return Scanned(
        at=at,
        found=found,
        passed=tuple(Passed(one, statement) for one, statement in stated if statement),
        unchecked=(*_without_files(repository), *repository.incomplete, *looked.unjudged),
        notes=(
            *looked.notes,
            *_by_address(repository),
            *repository.notes,
            *repository.vex.problems,
            *_without_catalogue(knowledge),
        ),
        patches=tuple(patches(found, looked.matcher)),
        files=repository.files,
        packages=looked.packages,
        covered=looked.covered,
        unclear=looked.unclear,
    )


def _statement(found: Found, vex: Vex, at: datetime) -> Statement | None:
    """The statement by which a fault passes: every version that is locked must, or it does not."""
    package = found.package
    statements = [vex.of(found.fault.known_as, package.ecosystem, package.name, version, at) for version in found.versions]
    passing = [statement for statement in statements if statement and statement.passes]
    return passing[0] if passing and len(passing) == len(statements) else None


def _without_files(repository: Contents) -> list[str]:
    return [] if repository.files else ["there is no lockfile, SBOM or package database that can be read"]


def _by_address(repository: Contents) -> list[str]:
    names = sorted({place.package.name for place in repository.located if place.package.origin is Origin.URL})
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    told = f"{', '.join(names[:_SHOWN])}{more}"
    return [f"of no registry but by address, so that no advisory speaks of them by name: {told}"] if names else []


def _without_catalogue(knowledge: Knowledge) -> list[str]:
    return [] if knowledge.exploited is not None else ["which faults are known to be exploited was not looked up"]
