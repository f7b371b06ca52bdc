"""
gradle.lockfile: artifacts with the configurations that resolve to them.

What only tests, their fixtures or tools of the build resolve to is development. Nothing here tells who brought whom.
"""

import re
from collections.abc import Iterator

from upkeep.formats.lockfiles.registry import Beside, reads
from upkeep.formats.lockfiles.text import decoded, shown
from upkeep.formats.package import Package, Reading, Scope

ECOSYSTEM = "Maven"
_LINE = re.compile(r"([^\s:=]+):([^\s:=]+):([^\s:=]+)(?:=(\S*))?")
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_TESTS = frozenset(["test", "tests", "jmh", "benchmark"])
_TOOLS = frozenset(["checkstyle", "detekt", "dokka", "errorprone", "jacoco", "ktlint", "lint", "pmd", "spotbugs", "spotless"])
_STEPS = frozenset(["processor", "compiler", "plugin", "kapt", "ksp"])
_DEVELOPMENT = _TESTS | _TOOLS | _STEPS
_PRODUCTION = re.compile(r"(?:.*[rR]untime|.*[cC]ompile)Classpath|.*(?:[cC]ompile|[rR]untime|[iI]mplementation|[aA]pi)(?:Only)?")


@reads("gradle.lockfile", "gradle/dependency-locks/*.lockfile")
def gradle_lockfile(raw: bytes, _open_beside: Beside) -> Reading:
    """Every artifact of the build's projects."""
    return _read("gradle.lockfile", raw)


@reads("buildscript-gradle.lockfile", "gradle/dependency-locks/buildscript-*.lockfile")
def buildscript_lockfile(raw: bytes, _open_beside: Beside) -> Reading:
    """Every artifact of the build's own plugins: for development."""
    return _read("buildscript-gradle.lockfile", raw)


def _read(kind: str, raw: bytes) -> Reading:
    packages, wrong = [], []
    for number, line in _lines(decoded(raw)):
        found = _LINE.fullmatch(line)
        if found:
            group, artifact, version, used = found.groups()
            scope = Scope.DEVELOPMENT if kind.startswith("buildscript") else _scope(used)
            packages.append(Package(ECOSYSTEM, f"{group}:{artifact}", version, scope=scope, line=number))
        elif not line.startswith("empty="):
            wrong.append(f'line {number}: "{shown(line)}" is no group:artifact:version')
    return Reading(kind=kind, packages=tuple(packages), incomplete=tuple(wrong))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if (bare := line.strip()) and not bare.startswith("#"):
            yield number, bare


def _scope(used: str | None) -> Scope:
    """Production as soon as one configuration of what ships resolves to it; unknown where the names tell nothing."""
    names = [name for name in (used or "").split(",") if name]
    shipped = [name for name in names if name != "classpath" and not _DEVELOPMENT & _words(name)]
    if any(_PRODUCTION.fullmatch(name) for name in shipped):
        return Scope.PRODUCTION
    return Scope.DEVELOPMENT if names and not shipped else Scope.UNKNOWN


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(name)}
