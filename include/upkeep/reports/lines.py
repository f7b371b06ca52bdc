"""The lines that a run's report is made of: one row each of the `run_*.sql` beside it."""

from dataclasses import dataclass
from datetime import date, datetime

from upkeep.answer import Severity
from upkeep.humanize import size, span
from upkeep.units import Unit


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer, and the task instance that gave it (for links; never part of the document)."""

    duty: str
    area: str
    target: str
    status: str
    summary: str
    remedy: str
    dag_id: str
    run_id: str
    task_id: str
    map_index: int


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding that is open at the end of the window."""

    fingerprint: str
    duty: str
    area: str
    target: str
    owner: str
    owner_slack: str
    runbook: str
    object: str
    severity: str
    title: str
    remedy: str
    first_seen: datetime
    found_at: datetime
    last_seen: datetime
    due_at: datetime | None
    waived_until: date | None
    waived: bool
    overdue: bool
    red: bool
    new: bool
    reopened: bool

    @property
    def urgent(self) -> bool:
        """Whether its owner is called by name."""
        return not self.waived and Severity.parse(self.severity) >= Severity.HIGH

    @property
    def news(self) -> str:
        """One of "new", "reopened", "overdue" or nothing."""
        return "new" if self.new else "reopened" if self.reopened else "overdue" if self.overdue else ""


@dataclass(frozen=True, slots=True)
class ResolvedLine:
    """One finding that was open when the window began and is gone, or that was found and mended within it."""

    duty: str
    target: str
    severity: str
    title: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class UnaskedLine:
    """A duty and a target without an answer."""

    area: str
    duty: str
    target: str


@dataclass(frozen=True, slots=True)
class NumberLine:
    """One number, and the mean of up to seven earlier windows (`before`; None when there are none)."""

    duty: str
    target: str
    name: str
    unit: str
    value: float
    before: float | None
    windows: int

    @property
    def change(self) -> float | None:
        """Share by which it differs from earlier windows; None when that says nothing."""
        return (self.value - self.before) / abs(self.before) if self.before else None

    @property
    def now(self) -> str:
        """The value with its unit, for people."""
        return spelled(self.value, self.unit)

    @property
    def earlier(self) -> str:
        """The mean of earlier windows with its unit, or nothing."""
        return "" if self.before is None else spelled(self.before, self.unit)

    @property
    def change_text(self) -> str:
        """Such as "+12 %", or nothing."""
        return "" if self.change is None else f"{self.change:+.0%}".replace("%", " %")


def spelled(value: float, unit: str) -> str:
    """A number with its unit as people write it."""
    if unit == Unit.SHARE:
        return f"{value * 100:.1f} %"
    if unit == Unit.BYTES:
        return size(value)
    if unit == Unit.SECONDS:
        return span(value)
    number = f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:,.3g}"  # noqa: PLR2004 - below it decimals matter
    return number if unit == Unit.COUNT else f"{number} {unit}".strip()
