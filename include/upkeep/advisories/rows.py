"""Rows of what a repository locks and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from upkeep.advisories.clock import Clock
from upkeep.advisories.found import Found, Located
from upkeep.advisories.memory import Seen
from upkeep.record import Record


@dataclass(frozen=True, slots=True)
class Dependency(Record):
    """One place in which a package is locked."""

    table: ClassVar[str] = "dependency"

    place: int
    file: str
    line: int | None
    ecosystem: str
    package: str
    version: str | None
    asked_for: str | None
    direct: bool | None
    path: Sequence[str]
    scope: str
    origin: str
    commit_id: str | None
    licence: str | None
    deprecated: str | None


@dataclass(frozen=True, slots=True)
class Vulnerability(Record):
    """One fault of one package, with its clock."""

    table: ClassVar[str] = "vulnerability"

    object: str
    ecosystem: str
    package: str
    versions: Sequence[str]
    fault: str
    names: Sequence[str]
    also_called: Sequence[str]
    advisories: Sequence[str]
    summary: str
    severity: str
    rated: bool
    score: float | None
    published_at: datetime | None
    known_then: bool
    exploited_due: date | None
    chance: float | None
    fix: str | None
    direct: bool | None
    parents: Sequence[str]
    scope: str
    first_seen: datetime
    state: str
    because: str | None
    due_at: datetime | None
    due_why: str
    imported_by: str | None = None


def dependency(place: int, located: Located) -> Dependency:
    """The row of a place."""
    package = located.package
    return Dependency(
        place, located.file, package.line, package.ecosystem, package.name, package.version, package.asked_for, package.direct,
        list(package.path), package.scope.value, package.origin.value, package.commit, package.licence, package.deprecated,
    )  # fmt: skip


def also_called(found: Found, seen: Seen) -> list[str]:
    """Every way in which a waiver may name it: each name alone, and behind the package."""
    return sorted({*found.fault.names, *(f"{seen.subject} {name}" for name in found.fault.names)} - {seen.object})


def vulnerability(
    found: Found, seen: Seen, clock: Clock, state: str, because: str | None, *, known_then: bool, imported_by: str | None = None
) -> Vulnerability:
    """The row of a fault."""
    published = [advisory.published for advisory, _ in found.fault.held if advisory.published]
    return Vulnerability(
        object=seen.object, ecosystem=found.package.ecosystem, package=found.package.name, versions=list(found.versions),
        fault=found.fault.title, names=sorted(found.fault.names), also_called=also_called(found, seen),
        advisories=list(found.fault.advisories), summary=found.fault.summary, severity=found.severity.label, rated=found.rated,
        score=found.rating.score if found.rating else None, published_at=min(published, default=None), known_then=known_then,
        exploited_due=found.exploited.due if found.exploited else None, chance=found.chance, fix=found.fix, direct=found.direct,
        parents=list(found.parents), scope=found.scope.value, first_seen=seen.first_seen, state=state, because=because,
        due_at=clock.due_at, due_why=clock.why, imported_by=imported_by,
    )  # fmt: skip
