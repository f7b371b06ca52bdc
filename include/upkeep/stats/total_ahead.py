"""
What a daily amount adds up to over the next days, with an interval that is taken from its own past. Pure arithmetic.

Each coming day is foretold as the median of the newest four days of its weekday. The interval is what the same rule missed by at
every earlier day of the series, for totals over as many days: weekdays, growth and swings are in it as far as they have happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from upkeep.stats.forecast_errors import quantile

_WEEK, _WEEKS = 7, 4
LEAST = _WEEK * _WEEKS
"""Days that a forecast is made of."""
MIN_ERRORS = 10
"""Earlier totals that the interval needs at least."""


@dataclass(frozen=True, slots=True)
class Total:
    """A total with bounds between which it lies with `cover`; `n` earlier totals say so."""

    low: float
    middle: float
    high: float
    cover: float
    n: int


def total_ahead(values: Sequence[float], days: int, cover: float = 0.8) -> Total | None:
    """
    The total of the `days` after these daily values, oldest first; None where they are too few to tell.

    With 0 days the total is 0, exactly.
    """
    if days <= 0:
        return Total(0.0, 0.0, 0.0, cover, len(values))
    if len(values) < LEAST + days + MIN_ERRORS - 1:
        return None
    origins = range(LEAST, len(values) - days + 1)
    errors = sorted(sum(values[at : at + days]) - _foretold(values[:at], days) for at in origins)
    middle, tail = _foretold(values, days), (1 - cover) / 2
    low, high = quantile(errors, tail), quantile(errors, 1 - tail)
    return Total(middle + min(low, 0.0), middle, middle + max(high, 0.0), cover, len(errors))


def needed(days: int) -> int:
    """How many daily values a total over so many days needs."""
    return LEAST + days + MIN_ERRORS - 1


def _foretold(values: Sequence[float], days: int) -> float:
    newest = values[-LEAST:]
    weekday = [median(newest[place::_WEEK]) for place in range(_WEEK)]
    return sum(weekday[day % _WEEK] for day in range(days))
