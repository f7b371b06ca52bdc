"""What happened to the shop's web tier before the demo: an outage, a slow release, and bad ones on the first day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

DAYS = 91
OUTAGE = timedelta(days=40, hours=6), timedelta(minutes=12)
SLOW = timedelta(days=20, hours=8), timedelta(hours=6)
BAD = timedelta(hours=5), timedelta(minutes=40)
"""Each as how long before the end of the first day it began, and how long it lasted."""
TIMES_SLOWER, FAILED_SHARE = 5.0, 0.3
_ROUTINE = timedelta(hours=11)


@dataclass(frozen=True, slots=True)
class Release:
    """A deployment; `why` says what was wrong with it, None for a good one."""

    number: int
    began: datetime
    status: str
    why: str | None = None
    failed_at: datetime | None = None
    unplanned: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """All of it, by the end of the demo's first day."""

    end: datetime

    def span(self, event: tuple[timedelta, timedelta]) -> tuple[datetime, datetime]:
        """From when until when it was."""
        return self.end - event[0], self.end - event[0] + event[1]

    def during(self, event: tuple[timedelta, timedelta], at: datetime) -> bool:
        """Whether a moment falls into it."""
        start, end = self.span(event)
        return start <= at < end

    def releases(self) -> Iterator[Release]:
        """One on every day but two of a week, and the two that were taken back, oldest first; by number."""
        for number, back in enumerate(range(DAYS - 1, 0, -1), 1):
            began = self.end - timedelta(days=back) + _ROUTINE
            if back % 7 not in {0, 6}:
                yield Release(number, began, "succeeded")
            for event, why in ((SLOW, "pages took five times as long"), (BAD, "a third of all requests failed")):
                if back == event[0].days + 1:
                    yield from self._taken_back(1000 + number, event, why)

    def releases_of_api(self, slow: tuple[timedelta, timedelta], days: int) -> Iterator[Release]:
        """Those of the API, oldest first: one on every day, and the one that made it slow, which was taken back."""
        for number, back in enumerate(range(days - 1, 1, -1), 1):
            yield Release(number, self.end - timedelta(days=back) + _ROUTINE, "succeeded")
        yield from self._taken_back(1000, slow, "a route took eight times as long")

    def _taken_back(self, number: int, event: tuple[timedelta, timedelta], why: str) -> Iterator[Release]:
        start, end = self.span(event)
        yield Release(number, start, "rolled back", why, start + timedelta(minutes=10))
        yield Release(number + 1000, end, "succeeded", unplanned=True)
