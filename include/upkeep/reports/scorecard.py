"""The targets of the whole system over thirteen windows, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from upkeep.humanize import share, span
from upkeep.sources.rows import Rows
from upkeep.units import Unit
from upkeep.window import Window

WINDOWS = 13
_SIGNS = {"above": ">", "at least": "≥", "at most": "≤", "below": "<"}
_NAMES = {
    "response time": "API requests slower than 500 ms",
    "error rate": "requests that failed",
    "time to detect": "mean time to detect",
    "time to resolve": "mean time to resolve, P0 and P1",
    "open vulnerabilities": "open critical or high vulnerabilities",
    "CPU": "CPU, average of the fullest host",
    "memory": "memory, average of the fullest host",
    "disk": "disk, the fullest",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One target in one window; the fields are the columns of the question."""

    place: int
    measure: str
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int | None
    unit: str
    better: str
    target: float
    met: bool | None
    worst: str | None
    reason: str | None
    duty: str
    window_end: datetime

    @property
    def name(self) -> str:
        """What it is, in words."""
        if self.measure == "response time" and self.unit == Unit.SECONDS:
            return "API response time, 95th percentile of the slowest service"
        return _NAMES.get(self.measure, self.measure)

    @property
    def state(self) -> str:
        """In one word."""
        return {None: "unknown", True: "met", False: "missed"}[self.met]

    @property
    def said(self) -> str:
        """Its value, or that there is none."""
        return "unknown" if self.value is None else number(self.value, self.unit)

    @property
    def target_said(self) -> str:
        """Its target, such as "> 99.9 %"."""
        return f"{_SIGNS[self.better]} {number(self.target, self.unit)}"

    @property
    def counts(self) -> str:
        """What it stands on: a count of another, or how many."""
        if self.numerator is not None and self.denominator is not None:
            return f"{self.numerator:,.0f} of {self.denominator:,.0f}"
        return "" if self.n is None else f"{self.n:,}"


def number(value: float, unit: str) -> str:
    """A value with its unit, short."""
    if unit == Unit.SHARE:
        return share(value)
    if unit == Unit.SECONDS:
        return span(value)
    return f"{value:,.2f}".rstrip("0").rstrip(".") + (" a day" if unit == Unit.COUNT_PER_DAY else "")


def measured(rows: Rows, windows: Sequence[Window]) -> Mapping[int, Sequence[Measured]]:
    """Each target over the windows, by its place; windows from old to new. Raises BrokenError."""
    about = {"starts": [window.start for window in windows], "ends": [window.end for window in windows]}
    found: dict[int, list[Measured]] = {}
    for row in rows(__file__, Measured, about):
        found.setdefault(row.place, []).append(row)
    return found


def before(window: Window, count: int = WINDOWS) -> list[Window]:
    """So many windows of the same length that end with this one, the oldest first."""
    return [Window(window.start - place * window.length, window.end - place * window.length) for place in reversed(range(count))]
