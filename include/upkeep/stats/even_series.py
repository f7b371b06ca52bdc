"""Measurements laid on an even grid of steps, with its gaps, so that what comes next can be reckoned. Pure arithmetic."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor, isfinite

DAY = timedelta(days=1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EvenSeries:
    """
    One value a step; None where nothing was measured.

    `start` is when the first step begins. It begins and ends with a value, unless it has none at all.
    """

    start: datetime
    step: timedelta
    values: tuple[float | None, ...]

    @property
    def n(self) -> int:
        """How many steps have a value."""
        return sum(value is not None for value in self.values)

    @property
    def span(self) -> timedelta:
        """From the first to the last value, both steps included."""
        return len(self.values) * self.step

    @property
    def last(self) -> float | None:
        """The newest value."""
        return self.values[-1] if self.values else None

    @property
    def newest_at(self) -> datetime:
        """When the step of the newest value begins."""
        return self.moment(len(self.values) - 1)

    def moment(self, place: int) -> datetime:
        """When a step begins; places past the end are in the future."""
        return self.start + place * self.step

    def newest(self, most: int) -> "EvenSeries":
        """The last `most` steps only, less the gap that they may begin with."""
        begin = max(0, len(self.values) - most)
        while begin < len(self.values) and self.values[begin] is None:
            begin += 1
        return self if begin == 0 else EvenSeries(self.moment(begin), self.step, self.values[begin:])

    def until(self, length: int) -> "EvenSeries":
        """The first `length` steps only, less the gap that they may end with."""
        return EvenSeries(self.start, self.step, _without_end_gap(self.values[:length]))


def even_series(points: Iterable[tuple[datetime, float]], step: timedelta = DAY, origin: datetime | None = None) -> EvenSeries:
    """
    The newest value of each step, in whatever order points come; what is no number is left out.

    Steps begin at `origin` or at whole steps before and after it: midnight of the first point's day, unless it is given.
    """
    known = sorted((at, value) for at, value in points if isfinite(value))
    if not known:
        return EvenSeries(origin or _NEVER, step, ())
    zero = origin or known[0][0].replace(hour=0, minute=0, second=0, microsecond=0)
    placed = {floor((at - zero) / step): value for at, value in known}
    first, last = min(placed), max(placed)
    return EvenSeries(zero + first * step, step, tuple(placed.get(place) for place in range(first, last + 1)))


def _without_end_gap(values: tuple[float | None, ...]) -> tuple[float | None, ...]:
    end = len(values)
    while end and values[end - 1] is None:
        end -= 1
    return values[:end]
