"""What a repository says of faults itself, in VEX documents."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from upkeep.advisories.purls import Named


class VexStatus(StrEnum):
    """What is said of a fault. Only `not_affected`, with its justification, stops its clock."""

    NOT_AFFECTED = "not_affected"
    AFFECTED = "affected"
    FIXED = "fixed"
    UNDER_INVESTIGATION = "under_investigation"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing said of one fault: about which packages, since when, and why."""

    file: str
    names: frozenset[str]
    packages: tuple[Named, ...]
    status: VexStatus
    reason: str
    since: datetime | None

    @property
    def passes(self) -> bool:
        """Whether the fault is said not to matter, with a reason."""
        return self.status is VexStatus.NOT_AFFECTED

    def is_about(self, names: frozenset[str], ecosystem: str, package: str, version: str | None) -> bool:
        """Whether it is about this fault, under any of its names, of this package."""
        return bool(self.names & names) and any(one.is_of(ecosystem, package, version) for one in self.packages)


@dataclass(frozen=True, slots=True)
class Vex:
    """What a repository's documents say; `problems` are statements that count for nothing, each with its file and why."""

    statements: tuple[Statement, ...] = ()
    problems: tuple[str, ...] = ()

    def of(self, names: frozenset[str], ecosystem: str, package: str, version: str | None, at: datetime) -> Statement | None:
        """The newest statement about a fault of a package from before a moment; of two as new, the one that passes less."""
        about = [
            s for s in self.statements if s.is_about(names, ecosystem, package, version) and (s.since is None or s.since < at)
        ]
        return max(about, key=lambda s: (s.since or datetime.min.replace(tzinfo=UTC), not s.passes), default=None)
