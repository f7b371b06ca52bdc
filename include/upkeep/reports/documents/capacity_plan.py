"""The quarter's capacity plan: when each limit is reached, and how far such forecasts were right."""

from dataclasses import dataclass
from datetime import datetime

from upkeep.humanize import plural
from upkeep.reports.lines import spelled
from upkeep.reports.report import Report, report
from upkeep.reports.section import Section
from upkeep.reports.spark import spark
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

_COLUMNS = ("target", "what", "now:", "limit:", "reached at the earliest", "most likely", "at the latest", "likely in the plan:",
            "ahead", "at its horizon:", "held in the past:")  # fmt: skip
_SHORT = ("target", "what", "why there is no forecast")


@dataclass(frozen=True, slots=True)
class Line:
    """One level; `low`, `middle` and `high` are the fan from the newest value to the horizon."""

    target: str
    measure: str
    unit: str
    value_now: float
    limit_value: float | None
    reason: str | None
    earliest_at: datetime | None
    expected_at: datetime | None
    latest_at: datetime | None
    horizon_at: datetime | None
    chance: float | None
    tested: int
    held: int
    past_days: int
    low: list[float]
    middle: list[float]
    high: list[float]

    @property
    def cells(self) -> tuple[str, ...]:
        """The line for people."""
        unlimited = self.limit_value is None
        return (
            self.target,
            self.measure,
            spelled(self.value_now, self.unit),
            "none known" if self.limit_value is None else spelled(self.limit_value, self.unit),
            *("" if unlimited else self._day(at) for at in (self.earliest_at, self.expected_at, self.latest_at)),
            "" if self.chance is None else f"{self.chance:.0%}",
            spark([self.value_now, *self.middle]),
            f"{spelled(self.low[-1], self.unit)} to {spelled(self.high[-1], self.unit)}",
            f"{self.held} of {self.tested}" if self.tested else "too short",
        )

    def _day(self, at: datetime | None) -> str:
        return f"{at:%Y-%m-%d}" if at else f"after {self.horizon_at:%Y-%m-%d}"


@report(Cadence.QUARTERLY)
def capacity_plan(rows: Rows, window: Window) -> Report | None:
    """Levels by the day on which their limit is reached; None where nothing was foretold or tried."""
    lines = rows(__file__, Line, {"start": window.start, "end": window.end})
    if not lines:
        return None
    told, short = [line for line in lines if line.reason is None], [line for line in lines if line.reason]
    parts = [Section(title="Ahead", text=_text(told), columns=_COLUMNS, rows=tuple(line.cells for line in told))]
    if short:
        text = f"{plural(len(short), 'number')} cannot be foretold yet"
        table = tuple((line.target, line.measure, str(line.reason)) for line in short)
        parts.append(Section(title="Too short a history", text=text, columns=_SHORT, rows=table))
    return Report(title=f"Capacity plan, {_quarter(window)}", headline=_text(told), sections=tuple(parts))


def _text(told: list[Line]) -> str:
    """The sentence that says the most: what ends first, and how far to believe it."""
    ends = [line for line in told if line.expected_at]
    tried, held = sum(line.tested for line in told), sum(line.held for line in told)
    first = f"{ends[0].measure} of {ends[0].target} first, about {ends[0].expected_at:%Y-%m-%d}" if ends else "none is in sight"
    tested = f"; intervals of 80 % held in {held / tried:.0%} of {tried:,} back-tests" if tried else "; too short for back-tests"
    limits = sum(line.limit_value is not None for line in told)
    return f"{plural(len(ends), 'limit')} of {limits} reached within the horizon: {first}{tested}"


def _quarter(window: Window) -> str:
    middle = window.start + window.length / 2
    return f"{middle.year} Q{(middle.month + 2) // 3}"
