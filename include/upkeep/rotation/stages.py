"""
What a store of secrets does: it keeps the value that applications read, the one that will follow, and the one before.

The stages are those of AWS Secrets Manager (https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html):
current is what applications read, pending is being rotated in, previous was current before. Legal ends of a rotation: nothing is
pending, or the pending version is the current one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from upkeep.rotation.secret_value import SecretValue
from upkeep.sources.connections import Connections


class Stage(StrEnum):
    """Which of a secret's values."""

    CURRENT = "current"
    PENDING = "pending"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Version:
    """One value in a store; `id` is the store's name of it and no secret, `created_at` is when it was put there."""

    id: str
    value: SecretValue
    created_at: datetime


class SecretStore(Protocol):
    """
    One secret in its store. Every method may be called again after it was cut off anywhere, and then ends right.

    Each raises CannotAskError for a missing right or secret, with the right to give, and BrokenError when the store is away.
    """

    def check(self) -> None:
        """Raise CannotAskError when the store's state is one that a rotation must not touch, with the way out."""
        ...

    def read(self, stage: Stage) -> Version | None:
        """The value of a stage, None when it has none."""
        ...

    def stage(self, value: SecretValue) -> None:
        """Put a value as pending; applications do not see it."""
        ...

    def promote(self) -> None:
        """Make the pending value current and the current one previous. With nothing pending it does nothing."""
        ...

    def discard(self) -> None:
        """Forget the pending value. With nothing pending it does nothing."""
        ...


class Place(BaseModel):
    """Where a secret is kept, as the inventory says it. Each file of `stores/` has one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def open(self, connections: Connections) -> SecretStore:
        """The secret there; nothing is asked yet."""
        raise NotImplementedError

    @property
    def described(self) -> str:
        """The place for people."""
        raise NotImplementedError
