"""Rules: each a function in a file of its own, which says what of an account costs more than it must, and how that is known."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from upkeep.opportunities.prices import Price

if TYPE_CHECKING:
    from upkeep.opportunities.view import View

Level = Literal["low", "medium", "high"]
Looks = Literal["api", "ledger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """
    One resource that costs more than it must.

    `what` names it and says what is wrong, without money. `claims` are the costs that it would save, as words of the region: of
    two savings that claim the same one, one counts. `locked` names a protection that AWS has for it.
    """

    resource: str
    what: str
    price: Price
    remedy: str
    proof: str
    evidence: Mapping[str, Any]
    confidence: Level
    claims: tuple[str, ...]
    region: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    locked: str | None = None


@dataclass(frozen=True, slots=True)
class Young:
    """A resource that is not there for long enough to be judged: counted, and no more."""

    resource: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """
    A resource about which something is not known, and so whether it is one to save.

    `why` says what; `action` is what a policy lacks, where it is that.
    """

    resource: str
    why: str
    action: str | None = None


Outcome = Saving | Young | Unsure


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule. `looks` is where: at resources of one region by calls, or at the ledger.

    `actions` are all that its calls need; `effort` is the work of doing what it says; a `late` one sees what others claimed.
    """

    name: str
    text: str
    looks: Looks
    actions: tuple[str, ...]
    effort: Level
    once: bool
    late: bool
    look: "Callable[[View], Iterator[Outcome]]"

    @property
    def title(self) -> str:
        """First line of its text, without its full stop."""
        return self.text.strip().splitlines()[0].rstrip(".")


def rule(
    *, effort: Level, actions: tuple[str, ...] = (), looks: Looks = "api", once: bool = False, late: bool = False
) -> "Callable[[Callable[[View], Iterator[Outcome]]], Rule]":
    """Make a rule of a function of what can be seen; `once` for one that is not asked region by region."""

    def decorate(function: "Callable[[View], Iterator[Outcome]]") -> Rule:
        text = inspect.getdoc(function) or ""
        return Rule(function.__name__, text, looks, actions, effort, once or looks != "api", late, function)

    return decorate
