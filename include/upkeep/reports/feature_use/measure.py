"""How much something was used in a month and before it, by the middle of its days: days are never added up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from upkeep.reports.lines import spelled
from upkeep.reports.spark import spark
from upkeep.sources.rows import Rows
from upkeep.window import Window

COLUMNS = ("service", "number", "newest:", "middle:", "before:", "change:", "days:", "line")


@dataclass(frozen=True, slots=True)
class _Stored:
    service: str
    name: str
    unit: str
    amounts: list[float]
    ends: list[datetime]


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a service: its values in the window and in as long a time before it, by their days."""

    service: str
    name: str
    unit: str
    before: dict[date, float]
    now: dict[date, float]
    days: int

    @property
    def used(self) -> bool | None:
        """Whether it was above zero on any day; None where nothing is known."""
        return any(self.now.values()) if self.now else None

    @property
    def change(self) -> float | None:
        """By which share the middle day moved; None when that says nothing."""
        before = median(self.before.values()) if self.before else 0.0
        return median(self.now.values()) / before - 1 if self.now and before > 0 else None

    @property
    def cells(self) -> tuple[str, ...]:
        """The line for people, as COLUMNS."""
        now = list(self.now.values())
        return (
            self.service,
            self.name,
            spelled(now[-1], self.unit) if now else "unknown",
            _middle(now, self.unit),
            _middle([*self.before.values()], self.unit),
            "unknown" if self.change is None else f"{self.change:+.1%}".replace("%", " %"),
            f"{len(now)} of {self.days}",
            spark([*self.before.values(), *now]),
        )


def measures(rows: Rows, window: Window) -> list[Measure]:
    """Every number of usage that is known of the window or of the time before it. Raises BrokenError."""
    found = rows(__file__, _Stored, {"start": window.start, "end": window.end})
    return [_measure(each, window) for each in found]


def _measure(stored: _Stored, window: Window) -> Measure:
    before: dict[date, float] = {}
    now: dict[date, float] = {}
    for end, value in zip(stored.ends, stored.amounts, strict=True):
        day = (end - timedelta(microseconds=1)).astimezone(window.start.tzinfo).date()
        (now if end > window.start else before)[day] = value
    return Measure(stored.service, stored.name, stored.unit, before, now, round(window.length.total_seconds() / 86_400))


def _middle(values: Sequence[float], unit: str) -> str:
    return spelled(median(values), unit) if values else "unknown"
