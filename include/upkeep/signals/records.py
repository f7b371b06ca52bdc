"""Rows of signals: a window of a service, and its minutes by hours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from upkeep.record import Record
from upkeep.signals.latency import bounds_of
from upkeep.signals.minutes import Minute, Minutes
from upkeep.signals.place import SHARES, Told


@dataclass(frozen=True, slots=True)
class GoldenSignal(Record):
    """A service over a window. Bounds of percentiles are seconds; an upper one that nobody knows is None."""

    table: ClassVar[str] = "golden_signal"

    requests: int
    errors: int
    refused: int
    closed: int
    slow: int | None
    slow_limit: float
    minutes: int
    minutes_seen: int
    minutes_told: int
    minutes_down: int
    p50_low: float | None
    p50_high: float | None
    p95_low: float | None
    p95_high: float | None
    p99_low: float | None
    p99_high: float | None

    @classmethod
    def of(cls, told: Told, slow_s: float) -> "GoldenSignal":
        """The row of what a place told."""
        total, bounds = told.minutes.total, bounds_of(told.latency, SHARES)
        counts = (total.requests, total.errors, total.refused, total.closed, total.slow)
        used = [minute for minute in told.minutes.each if minute is not None and minute.requests]
        down = sum(2 * minute.errors >= minute.requests for minute in used)
        return cls(*counts, slow_s, len(told.minutes.each), told.minutes.seen, len(used), down, *bounds)


@dataclass(frozen=True, slots=True)
class ServiceHour(Record):
    """Sixty minutes of a service; None in `requests` for a minute that nobody saw, and then in the others too."""

    table: ClassVar[str] = "service_hour"

    hour: datetime
    requests: list[int | None]
    errors: list[int | None]
    slow: list[int | None]


def hours(minutes: Minutes) -> Iterator[ServiceHour]:
    """A row for each clock hour of which a minute was seen."""
    for hour, each in minutes.hours():
        if any(minute is not None for minute in each):
            yield ServiceHour(hour, *(_counts(each, name) for name in ("requests", "errors", "slow")))


def _counts(minutes: Sequence[Minute | None], name: str) -> list[int | None]:
    return [None if minute is None else getattr(minute, name) for minute in minutes]
