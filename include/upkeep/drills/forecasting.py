"""The day on which a number that grows from test to test breaks its objective, with its interval. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from upkeep.stats.trend import slope, until

FEWEST = 4
_TAIL = 0.1
_LONGEST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Break:
    """
    When the objective is reached at the median pace, and at paces that eight in ten pairs of tests lie between.

    `latest` is None when the slower pace never reaches it.
    """

    at: datetime
    earliest: datetime
    latest: datetime | None
    tests: int

    @property
    def text(self) -> str:
        """The day with its interval."""
        latest = f"{self.latest:%Y-%m-%d}" if self.latest else "never"
        return f"{self.at:%Y-%m-%d} (80 % interval {self.earliest:%Y-%m-%d} to {latest}, {self.tests} tests)"


def breaks_at(points: Sequence[tuple[datetime, float]], limit: float) -> Break | None:
    """None with fewer than four tests, without growth, or when it is further away than anybody plans."""
    if len({at for at, _ in points}) < FEWEST:
        return None
    newest, now = max(points)
    line = [((at - newest).total_seconds() / 86_400, value) for at, value in points]
    middle = _day(newest, now, limit, slope(line))
    slopes = sorted((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(line, 2) if x1 != x2)
    fast, slow = (slopes[round(share * (len(slopes) - 1))] for share in (1 - _TAIL, _TAIL))
    earliest = _day(newest, now, limit, fast)
    if middle is None or earliest is None:
        return None
    return Break(middle, earliest, _day(newest, now, limit, slow), len(points))


def _day(newest: datetime, now: float, limit: float, pace: float | None) -> datetime | None:
    days = None if pace is None else until(now, limit, pace)
    return None if days is None or days > _LONGEST_DAYS else newest + timedelta(days=days)
