"""Where the deployments of a service are read, and what each kind of place tells."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from upkeep.delivery.deployed import Change, Deployed
from upkeep.field_types import Name
from upkeep.sources.connections import Connections
from upkeep.window import Window

Pattern = Annotated[str, Field(min_length=1, max_length=200)]


class Deployments(Protocol):
    """
    An opened place.

    Each method raises BrokenError when it is away, and CannotAskError for what a person has to change.
    """

    def check(self) -> str:
        """One line on what is there, for doctor. Nothing of it is judged."""
        ...

    def deployed(self, window: Window) -> Iterator[Deployed]:
        """Every deployment that began, or got a status, inside the window; more of them do no harm."""
        ...

    def changes(self, base: str, head: str) -> Sequence[Change]:
        """The commits of `head` that `base` lacks. Raises CannotAskError when either is unknown there."""
        ...


class DeploymentPlace(BaseModel):
    """What the inventory says of a place. Subclasses are the kinds, one file each, told apart by a literal field `kind`."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    environment: Name = Field(default="production", description="How the environment is called there; others are passed over")
    unplanned: tuple[Pattern, ...] = Field(
        default=(), description="Branches or tags of unplanned deployments, such as hotfix/*; all others then are planned"
    )

    @property
    def described(self) -> str:
        """The place in a few words, for messages."""
        raise NotImplementedError

    def open(self, connections: Connections) -> Deployments:
        """Open it; nothing is asked yet."""
        raise NotImplementedError

    def is_unplanned(self, ref: str | None) -> bool | None:
        """Whether a branch or tag is of an unplanned deployment; None when the inventory does not say which are."""
        if not self.unplanned or ref is None:
            return None
        return any(fnmatchcase(ref, pattern) for pattern in self.unplanned)
