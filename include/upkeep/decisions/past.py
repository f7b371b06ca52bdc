"""What people decided before about the same duty and target, for reviews that show the difference."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from upkeep.decisions.question import Json


@dataclass(frozen=True, slots=True)
class LastSigned:
    """The newest signed decision before this window: its evidence, who signed it and when."""

    evidence: Json
    people: tuple[str, ...]
    signed_at: datetime


class PastDecisions(Protocol):
    """What a review may know of its own past; never of the window being asked about."""

    def last_signed(self) -> LastSigned | None:
        """The newest decision that was signed, or None."""
        ...


class NothingDecided:
    """No past: where there is no report database."""

    def last_signed(self) -> LastSigned | None:
        """None."""
        return None
