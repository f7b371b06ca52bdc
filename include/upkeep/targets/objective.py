"""What is promised of a service: which share of its requests is good over so many days."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from upkeep.field_types import Name

LOWEST_GOAL = Decimal("0.5")
Goal = Annotated[
    Decimal, Field(ge=LOWEST_GOAL, lt=1, max_digits=9, description="Share of requests that is to be good: 0.999 for 99.9 %")
]


class Objective(BaseModel):
    """One objective. What is bad is counted in requests, so that a quiet night weighs no more than its requests."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: Name = Field(description="Unique in the service; findings and rows carry it")
    of: Literal["errors", "slow"] = Field(
        default="errors", description="What is bad: errors, requests that the service failed; slow, answers later than its slow"
    )
    goal: Goal = Decimal("0.999")
    days: int = Field(default=30, ge=1, le=90, description="Days over which it holds; before a window's end")

    @property
    def budget(self) -> Fraction:
        """The share that may be bad, exactly."""
        return 1 - Fraction(self.goal)

    @property
    def promise(self) -> str:
        """Such as "99.9 % without error over 30 d"."""
        good = {"errors": "without error", "slow": "in time"}[self.of]
        return f"{(self.goal * 100).normalize():f} % {good} over {self.days} d"


AVAILABLE = Objective(name="availability")
"""What is promised where nothing is declared."""


def with_names_of_their_own(objectives: tuple[Objective, ...]) -> tuple[Objective, ...]:
    """The objectives as they are. Raises ValueError when two have one name."""
    names = [objective.name for objective in objectives]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"two objectives are called {twice}")
    return objectives
