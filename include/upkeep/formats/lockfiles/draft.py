"""A reading while it is made: packages, what is lost by line, notes. Names and versions that cannot be any are refused here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from upkeep.formats.lockfiles.text import shown
from upkeep.formats.package import Package, Reading, Scope

_MOST = 50
_LONGEST = 300
_NAMES = {
    "PyPI": re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"),
    "npm": re.compile(r"(?:@[\w.~!'()*-]+/)?[\w.~!'()*-]+", re.ASCII),
}
_VERSION = re.compile(r"[^\s\x00-\x1f\x7f<>\"'`;]+")


@dataclass(slots=True)
class Draft:
    """What was read so far of a file of this kind."""

    kind: str
    packages: list[Package] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _places: dict[tuple[object, ...], int] = field(default_factory=dict)

    def add(self, package: Package) -> None:
        """Take a package in; one whose name or version cannot be any is lost instead, and said."""
        if not _is_name(package.ecosystem, package.name):
            self.lost(f"{shown(package.name)} is no name of a package of {package.ecosystem}", package.line)
        elif package.version is not None and not _is_version(package.version):
            self.lost(f"{shown(package.version)} is no version (of {package.name})", package.line)
        else:
            self.packages.append(package)

    def add_once(self, package: Package) -> None:
        """The same for files that hold one package in several places: what production needs, and the shortest chain, wins."""
        key = (package.name, package.version, package.origin, package.commit, package.asked_for)
        place = self._places.get(key)
        if place is None:
            before = len(self.packages)
            self.add(package)
            self._places[key] = before if len(self.packages) > before else -1
        elif place >= 0 and _rank(package) < _rank(self.packages[place]):
            self.packages[place] = package

    def lost(self, why: str, line: int | None = None) -> None:
        """Say that packages may be missing, and why."""
        self.missed.append(_at(line, why))

    def note(self, what: str, line: int | None = None) -> None:
        """Say something that loses nothing."""
        self.notes.append(_at(line, what))

    def reading(self) -> Reading:
        """What was read."""
        return Reading(self.kind, tuple(self.packages), _few(self.missed), _few(self.notes))


def _rank(package: Package) -> tuple[object, ...]:
    return package.scope is not Scope.PRODUCTION, not package.direct, not package.path, len(package.path)


def _is_name(ecosystem: str, name: str) -> bool:
    pattern = _NAMES.get(ecosystem)
    return len(name) <= _LONGEST and bool(pattern.fullmatch(name) if pattern else name and name.isprintable())


def _is_version(version: str) -> bool:
    return len(version) <= _LONGEST and version.isprintable() and bool(_VERSION.fullmatch(version))


def _at(line: int | None, text: str) -> str:
    return text if line is None else f"line {line}: {text}"


def _few(reasons: Iterable[str]) -> tuple[str, ...]:
    every = tuple(dict.fromkeys(reasons))
    return every if len(every) <= _MOST else (*every[:_MOST], f"and {len(every) - _MOST} more")
