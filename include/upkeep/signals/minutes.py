"""Requests of a service, minute by minute. A minute that nobody saw is not one without requests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Minute:
    """
    Counts of one minute, exact integers.

    `errors` are failures of the service (HTTP 5xx and their like), `refused` those of the client (HTTP 4xx without 499),
    `closed` what the client gave up (nginx 499), `slow` answers later than the service's limit; None where that cannot be told.
    """

    requests: int
    errors: int = 0
    refused: int = 0
    closed: int = 0
    slow: int | None = None

    def __add__(self, other: "Minute") -> "Minute":
        slow = None if self.slow is None or other.slow is None else self.slow + other.slow
        return Minute(
            self.requests + other.requests,
            self.errors + other.errors,
            self.refused + other.refused,
            self.closed + other.closed,
            slow,
        )


@dataclass(frozen=True, slots=True)
class Minutes:
    """
    The minutes from `start`, a whole minute in UTC; None for one that nobody saw: unknown, never zero.

    Raises ValueError when `start` is not a whole minute.
    """

    start: datetime
    each: tuple[Minute | None, ...]

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.start.second or self.start.microsecond:
            raise ValueError(f"minutes begin at a whole minute with its zone, not at {self.start}")

    @classmethod
    def unseen(cls, start: datetime, count: int) -> Self:
        """So many minutes that nobody saw."""
        return cls(start, (None,) * count)

    @property
    def seen(self) -> int:
        """How many were seen."""
        return sum(minute is not None for minute in self.each)

    @property
    def coverage(self) -> float:
        """The share of minutes that were seen; 0 of none."""
        return self.seen / len(self.each) if self.each else 0.0

    @property
    def total(self) -> Minute:
        """All that were seen added up."""
        return sum((minute for minute in self.each if minute is not None), Minute(0, slow=0))

    def hours(self) -> Iterator[tuple[datetime, Sequence[Minute | None]]]:
        """The minutes by clock hours of UTC, each with sixty: those before the start and after the end are None."""
        first = self.start.replace(minute=0)
        padded = (None,) * self.start.minute + self.each
        for number in range(-(-len(padded) // 60)):
            hour = padded[number * 60 : number * 60 + 60]
            yield first + number * HOUR, hour + (None,) * (60 - len(hour))
