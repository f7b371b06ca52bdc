"""A package as a lockfile, an SBOM or a package database names it: the value that every reader of these gives."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a package is there for. Where two places of one file differ, production wins."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"
    UNKNOWN = "unknown"


class Origin(StrEnum):
    """Where a package comes from. Only those of a registry are what advisories of its ecosystem speak of by name."""

    REGISTRY = "registry"
    GIT = "git"
    PATH = "path"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Package:
    """
    One package in one version.

    `ecosystem` is OSV's name with its suffix where it has one ("PyPI", "npm", "Go", "crates.io", "Debian:12"); `name` is spelled
    as the ecosystem normalises it, and never the alias under which a project imports it. `version` is None where the file leaves
    it open (a range, a replaced module), which is no pin; `asked_for` then holds the text that stood there.
    `path` is the shortest chain of names from a direct dependency to this one, both included; empty where the file does not tell.
    """

    ecosystem: str
    name: str
    version: str | None
    direct: bool | None = None
    path: tuple[str, ...] = ()
    scope: Scope = Scope.UNKNOWN
    origin: Origin = Origin.REGISTRY
    commit: str | None = None  # of a git dependency
    repository: str | None = None  # of a git dependency: host and path, in the one spelling of `git_address`
    alias: str | None = None  # the name under which it is imported, where that is another
    marker: str | None = None  # on which platforms or Pythons only
    asked_for: str | None = None  # a range that stands where a version should
    source_name: str | None = None  # the package that distributions file advisories under (Debian's source, Alpine's origin)
    source_version: str | None = None
    licence: str | None = None  # where the file tells; not judged here
    deprecated: str | None = None  # what the file says of a version that was yanked, deprecated or abandoned
    stream: str | None = None  # of a module (RHEL's "postgresql:12"): versions compare within it only
    line: int | None = None  # of the file, from 1
    extras: tuple[str, ...] = ()  # of a Python package that are asked for too, normalised and sorted
    hashes: tuple[str, ...] = ()  # that the file demands, as "algorithm:value" or as npm writes integrity


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What one file says: its packages, and what could not be read of it.

    `incomplete` says, by line where there are lines, why packages may be missing: a repository with such a file is unknown,
    never smaller. `notes` are things to know that lose nothing.
    """

    kind: str  # of file: "poetry.lock", "package-lock.json"
    packages: tuple[Package, ...]
    incomplete: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
