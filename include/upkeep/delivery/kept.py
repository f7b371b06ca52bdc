"""The stored deployments of one service, as an import sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from upkeep.delivery.deployed import Change, Deployed
from upkeep.window import Window


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A deployment whose changes are not known yet: from the commit before it to its own."""

    environment: str
    deployment: str
    base: str
    head: str


class KeptDeployments(Protocol):
    """Rows of `upkeep.deployment` of one service. Each raises BrokenError when the report database is away."""

    def keep(self, found: Sequence[Deployed]) -> int:
        """Insert or replace by key, in one transaction; how many are new or changed. What people marked stays."""
        ...

    def unexplained(self, window: Window, source: str) -> Sequence[Unexplained]:
        """Deployments of a source that went live in the window after another one, and have no changes yet."""
        ...

    def explain(self, deployment: Unexplained, changes: Sequence[Change]) -> None:
        """Keep its changes; again, they replace."""
        ...
