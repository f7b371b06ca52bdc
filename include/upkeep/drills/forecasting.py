"""The day on which a number that grows from test to test breaks its objective, with its interval. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, pairwise

from upkeep.stats.even_series import DAY, even_series
from upkeep.stats.forecast import LEAST, TooShort, forecast
from upkeep.stats.trend import slope, until

FEWEST = 4
_SEASON = 12
_TAIL = 0.1
_LONGEST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Break:
    """
    When the objective is reached, with an interval of 80 %; `latest` is None when it may never be.

    Up to thirteen tests say at what pace: the median one, and those that eight in ten pairs of tests lie between. From fourteen
    on it is the forecast of all stored numbers, whose interval is what it missed by in the past.
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
    moments = sorted({at for at, _ in points})
    if len(moments) < FEWEST:
        return None
    return _foretold(points, moments, limit) if len(moments) >= LEAST else _at_pace(points, limit)


def _foretold(points: Sequence[tuple[datetime, float]], moments: Sequence[datetime], limit: float) -> Break | None:
    """By the forecast of all stored numbers, one step from test to test; months are of many lengths."""
    gaps = sorted(after - before for before, after in pairwise(moments))
    step = max(DAY, gaps[len(gaps) // 2])
    series = even_series(points, step, moments[-1] - step * round((moments[-1] - moments[0]) / step) - step / 2)
    found = forecast(series, round(_LONGEST_DAYS * DAY / step), season=_SEASON)
    if isinstance(found, TooShort):
        return _at_pace(points, limit)
    reached = found.reaches(limit)
    if reached.expected is None or reached.earliest is None:
        return None
    middle = step / 2
    return Break(reached.expected + middle, reached.earliest + middle, reached.latest and reached.latest + middle, len(points))


def _at_pace(points: Sequence[tuple[datetime, float]], limit: float) -> Break | None:
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
