"""Rows of objectives: an error budget, and an alert that would have come."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from upkeep.record import Record


@dataclass(frozen=True, slots=True)
class ErrorBudget(Record):
    """One objective at the end of a window. `budget_left` is below 0 when it is overspent, None without requests."""

    table: ClassVar[str] = "error_budget"

    objective: str
    bad_is: str
    goal: Decimal
    days: int
    requests: int
    bad: int
    allowed: Decimal
    budget_left: float | None
    minutes: int
    minutes_seen: int
    known_since: datetime | None
    pages: int
    tickets: int


@dataclass(frozen=True, slots=True)
class BurnAlertRow(Record):
    """One alert that was on in the window; `ended_at` is None while it went on at the window's end."""

    table: ClassVar[str] = "burn_alert"

    objective: str
    kind: str
    came_at: datetime
    ended_at: datetime | None
    first_bad_at: datetime
    factor: float
    long_minutes: int
    short_minutes: int
