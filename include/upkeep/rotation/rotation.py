"""One rotation as it is remembered: whose secret, each step with its time, who used the old one. No value is part of it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

STEPS = {
    "staged": "staged_at", "accepted": "installed_at", "proven": "proven_at", "current": "promoted_at",
    "picked up": "picked_up_at", "old one ended": "retired_at", "proven dead": "dead_at",
}  # fmt: skip
STILL = timedelta(hours=1)  # longer than any step takes, and than Airflow lets the task run


class State(StrEnum):
    """How far it has got. In grace the new value is current, and the old one still works; a failed one changed nothing."""

    RUNNING = "running"
    GRACE = "grace"
    ROTATED = "rotated"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """
    One row of `upkeep.rotation`.

    `reason` is "age", "by hand", "compromised", "rollback", or "found" for one that nobody remembers and the store tells of.
    `old` and `new` are identities such as logins and key ids. `picked_up_by` says when each consumer was first seen with the
    new value, `used_by` who was seen with the old one when its grace ended.
    `stopped_why` says what went wrong at `stopped_at`, until it goes on.
    """

    id: str
    secret: str
    reason: str
    state: State
    begun_at: datetime
    old: str
    new: str | None = None
    staged_at: datetime | None = None
    installed_at: datetime | None = None
    proven_at: datetime | None = None
    promoted_at: datetime | None = None
    picked_up_at: datetime | None = None
    picked_up_by: Mapping[str, datetime] = field(default_factory=dict)
    retired_at: datetime | None = None
    dead_at: datetime | None = None
    used_by: tuple[str, ...] = ()
    stopped_at: datetime | None = None
    stopped_why: str | None = None


@dataclass(frozen=True, slots=True)
class Halt:
    """Where a rotation stopped half-way: since when, and the last step that was done."""

    since: datetime
    step: str


def halted(rotation: Any, now: datetime, still: timedelta = STILL) -> Halt | None:
    """Where one (or a row of one) that is running has stopped, None while it may still be at work."""
    if rotation.state != State.RUNNING:
        return None
    done = [(at, name) for name, column in STEPS.items() if (at := getattr(rotation, column))]
    since, step = max([(rotation.begun_at, "begun"), *done], key=lambda one: one[0])
    return Halt(since, step) if now - since > still else None


class RotationLog(Protocol):
    """Rows about the rotations of secrets."""

    @property
    def asked_at(self) -> datetime:
        """When the run's question was put; the clock by which age and grace are judged."""
        ...

    def now(self) -> datetime:
        """The time by the report database's clock, beside which that of this machine is judged."""
        ...

    def claimed(self, secret: str) -> AbstractContextManager[None]:
        """Be the only one that rotates this secret while inside. Raises ClaimedError."""
        ...

    def newest(self, secret: str) -> Rotation | None:
        """The one that began last."""
        ...

    def past(self, secret: str) -> Sequence[Rotation]:
        """The latest hundred, newest first."""
        ...

    def put(self, rotation: Rotation) -> None:
        """Insert or replace by id: done twice, it is there once."""
        ...
