"""A reading while it is made: packages, what is lost by line, notes. Names and versions that cannot be any are refused here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from upkeep.formats.lockfiles.text import shown
from upkeep.formats.package import Package, Reading

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

    def add(self, package: Package) -> None:
        """Take a package in; one whose name or version cannot be any is lost instead, and said."""
        if not _is_name(package.ecosystem, package.name):
            self.lost(f"{shown(package.name)} is no name of a package of {package.ecosystem}", package.line)
        elif package.version is not None and not _is_version(package.version):
            self.lost(f"{shown(package.version)} is no version (of {package.name})", package.line)
        else:
            self.packages.append(package)

    def lost(self, why: str, line: int | None = None) -> None:
        """Say that packages may be missing, and why."""
        self.missed.append(_at(line, why))

    def note(self, what: str, line: int | None = None) -> None:
        """Say something that loses nothing."""
        self.notes.append(_at(line, what))

    def reading(self) -> Reading:
        """What was read."""
        return Reading(self.kind, tuple(self.packages), _few(self.missed), _few(self.notes))


def _is_name(ecosystem: str, name: str) -> bool:
    pattern = _NAMES.get(ecosystem)
    return len(name) <= _LONGEST and bool(pattern.fullmatch(name) if pattern else name and name.isprintable())


def _is_version(version: str) -> bool:
    return len(version) <= _LONGEST and version.isprintable() and bool(_VERSION.fullmatch(version))


def _at(line: int | None, text: str) -> str:
    return text if line is None else f"line {line}: {text}"


def _few(said: Iterable[str]) -> tuple[str, ...]:
    every = tuple(dict.fromkeys(said))
    return every if len(every) <= _MOST else (*every[:_MOST], f"and {len(every) - _MOST} more")
