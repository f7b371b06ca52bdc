"""A deployment as a source tells it, and the one status of all that it went through."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """How a deployment stands. Only what `ended` has a time of its end."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ROLLED_BACK = "rolled back"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more is to come."""
        return self is not Outcome.RUNNING


@dataclass(frozen=True, slots=True)
class Change:
    """A commit that came with a deployment."""

    commit_id: str
    committed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """One deployment; the fields are the columns of `upkeep.deployment`. `unplanned` is None where nobody said."""

    environment: str
    deployment: str
    started_at: datetime
    finished_at: datetime | None
    status: Outcome
    source: str
    version: str | None = None
    commit_id: str | None = None
    merged_as: str | None = None
    committed_at: datetime | None = None
    failed_at: datetime | None = None
    failed_why: str | None = None
    unplanned: bool | None = None
    deployed_by: str | None = None
    url: str | None = None

    @property
    def on_branch(self) -> str | None:
        """The deployed commit as the branch has it."""
        return self.merged_as or self.commit_id


@dataclass(frozen=True, slots=True, order=True)
class Stage:
    """One status that a deployment had, at its time."""

    at: datetime
    outcome: Outcome = field(compare=False)


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a deployment: its end, and when it failed after it had succeeded."""

    status: Outcome
    finished_at: datetime | None
    failed_at: datetime | None = None


def course(stages: Iterable[Stage]) -> Course:
    """
    What a deployment's statuses come to, in whichever order they were told.

    The first end is its end. A failure after a success is a failure of what was live, and no failed deployment.
    """
    ends = [stage for stage in sorted(stages) if stage.outcome.ended]
    if not ends:
        return Course(Outcome.RUNNING, None)
    good = next((stage for stage in ends if stage.outcome is Outcome.SUCCEEDED), None)
    if good is None:
        return Course(ends[-1].outcome, ends[-1].at)
    later = next((stage for stage in ends if stage.at > good.at and stage.outcome is Outcome.FAILED), None)
    return Course(Outcome.SUCCEEDED, good.at, later.at if later else None)
