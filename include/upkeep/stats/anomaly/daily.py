"""Daily values, such as what something costs: weekdays, days of the month from both ends, and what lasts. Pure arithmetic."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import datetime
from statistics import median

from upkeep.stats.anomaly.expectation import Season
from upkeep.stats.anomaly.judge import Judged, judge
from upkeep.stats.anomaly.look import Look

_HALF_MONTH = 14
_PARTS = 10
"""Values below a tenth of the usual are compared by difference, those above by ratio."""


def day_of_month(at: datetime) -> int:
    """1 to 14 from its beginning; -1 is its last day, so that ends of months are the same day whatever their length."""
    return at.day if at.day <= _HALF_MONTH else at.day - monthrange(at.year, at.month)[1] - 1


_WEEKDAY, _MONTHLY = Season(datetime.weekday, visits=6, least=1), Season(day_of_month, visits=4)
LOOKS = tuple(
    Look(name, recent=14, season=_WEEKDAY, habit=_MONTHLY, lasting=lasting, memory=180)
    for name, lasting in (("day", 1), ("three days", 3), ("week", 7))
)


def judge_days(points: Sequence[tuple[datetime, float | None]]) -> list[Judged | None]:
    """One judgement a day, the days in order; None for a day without a value and while the past is too short (about 12 days)."""
    first = [abs(value) for _, value in points[: 2 * _HALF_MONTH] if value]
    return judge(points, LOOKS, unit=(median(first) if first else _PARTS) / _PARTS)
