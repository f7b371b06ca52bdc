"""Series of a service in which anomalies are looked for, made of its stored minutes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from upkeep.objectives.minutes import StoredMinutes
from upkeep.signals.minutes import HOUR
from upkeep.stats.burn import Count
from upkeep.units import Unit

Point = tuple[datetime, float | None]
Step = Literal["hour", "day"]
HALF_DAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Watched:
    """
    One series, oldest value first; None where nobody saw it, or too little came to say it.

    Hours are at their start, days at their middle.

    `sides` are those that are told: 1 a rise, -1 a fall. `worth` is the least difference to what was expected that is told, and
    `worth_share` the same as a share of what was expected.
    """

    rule: str
    name: str
    unit: Unit
    step: Step
    points: tuple[Point, ...]
    sides: tuple[int, ...] = (1, -1)
    worth: float = 0.0
    worth_share: float = 0.0

    @property
    def known(self) -> int:
        """How many values are known."""
        return sum(value is not None for _, value in self.points)


@dataclass(frozen=True, slots=True)
class Least:
    """How much of an hour must have been seen, how many requests make a share, and which difference is told."""

    seen: float
    requests: int
    share: float
    difference: float


@dataclass(frozen=True, slots=True)
class _Hour:
    at: datetime
    seen: int
    requests: int
    errors: int
    slow: int | None


def hourly(minutes: StoredMinutes, least: Least) -> Iterator[Watched]:
    """Requests a minute, share of errors and share of slow answers, by hours of UTC."""
    hours = list(_hours(minutes))
    whole: list[_Hour | None] = [hour if hour.seen >= least.seen * 60 else None for hour in hours]

    def points(value: Callable[[_Hour], float | None]) -> tuple[Point, ...]:
        return tuple((hour.at, None if seen is None else value(seen)) for hour, seen in zip(hours, whole, strict=True))

    def share(hour: _Hour, bad: int | None) -> float | None:
        return None if bad is None or hour.requests < least.requests else bad / hour.requests

    per_minute = points(lambda hour: hour.requests / hour.seen)
    yield Watched("requests", "requests a minute", Unit.COUNT, "hour", per_minute, worth_share=least.share)
    errors, slow = points(lambda hour: share(hour, hour.errors)), points(lambda hour: share(hour, hour.slow))
    yield Watched("error_share", "share of errors", Unit.SHARE, "hour", errors, sides=(1,), worth=least.difference)
    yield Watched("slow_share", "share of slow answers", Unit.SHARE, "hour", slow, sides=(1,), worth=least.difference)


def _hours(minutes: StoredMinutes) -> Iterator[_Hour]:
    first = minutes.start.replace(minute=0)
    ahead = minutes.start.minute
    for start in range(-ahead, len(minutes.requests), 60):
        each = slice(max(0, start), start + 60)
        requests = [count for count in minutes.requests[each] if count is not None]
        at = first + (start + ahead) // 60 * HOUR
        yield _Hour(at, len(requests), sum(requests), _sum(minutes.errors[each]), _known(minutes.slow[each], len(requests)))


def _sum(counts: Sequence[Count]) -> int:
    return sum(count or 0 for count in counts)


def _known(counts: Sequence[Count], seen: int) -> int | None:
    told = [count for count in counts if count is not None]
    return sum(told) if told and len(told) == seen else None
