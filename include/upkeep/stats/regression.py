"""Whether a number is higher than its own history, by more than its own noise, on days like this one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from math import exp, log, sqrt
from statistics import median

HALF_DAY = timedelta(hours=12)
# Of two draws from one normal distribution, half lie closer together than 0.6745 * sqrt(2) of its sigma.
_PAIR_MEDIAN = 0.6745 * sqrt(2)
# The median of n draws has about pi/2 times the variance of their mean.
_MEDIAN_VARIANCE = 1.57
MOST_PAIRS = 60

Sample = tuple[datetime, float]


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual: the median of `n` earlier days and the noise, a sigma of logarithms. `weekday`: only like days counted."""

    centre: float
    sigma: float
    n: int
    weekday: bool

    def limit(self, sigmas: float) -> float:
        """The highest value that is still noise."""
        return self.centre * exp(sigmas * self.sigma)


def weekday_of(at: datetime) -> int:
    """
    The weekday (Monday is 0) that a daily number taken at `at` is about.

    Days are asked about soon after they end, so the middle of the 24 hours before counts.
    """
    return (at - HALF_DAY).weekday()


def usual(
    samples: Sequence[Sample], at: datetime, *, same_weekdays: int = 3, any_days: int = 7, floor: float = 0.1
) -> Usual | None:
    """
    What a positive number usually is on the weekday of `at`; None when its history is too short.

    Needs `same_weekdays` samples of that weekday, else `any_days` of whichever. Times are multiplicative, so it reckons in
    logarithms. The noise is the median distance between pairs of like days, divided by what that is for a normal distribution
    (a relative of Rousseeuw and Croux's Qn, 1993): unbiased from two samples on, which the median absolute deviation of three
    is not. It is widened by the error of the centre and never falls below `floor` (0.1 is about 10 %).
    """
    days = defaultdict(list)
    for moment, value in samples:
        if value > 0:
            days[weekday_of(moment)].append(log(value))
    same = days[weekday_of(at)]
    if len(same) >= same_weekdays:
        return _usual(same, list(days.values()), floor, weekday=True)
    every = [value for values in days.values() for value in values]
    return _usual(every, [every], floor, weekday=False) if len(every) >= any_days else None


def _usual(centre_of: Sequence[float], groups: Sequence[Sequence[float]], floor: float, *, weekday: bool) -> Usual:
    distances = [abs(a - b) for group in groups for a, b in combinations(group[-MOST_PAIRS:], 2)]
    noise = max(floor, median(distances) / _PAIR_MEDIAN)
    widened = noise * sqrt(1 + _MEDIAN_VARIANCE / len(centre_of))
    return Usual(exp(median(centre_of)), widened, len(centre_of), weekday)


def missing_days(moments: Sequence[datetime], any_days: int = 7) -> int:
    """How many more days are needed before anything can be compared."""
    distinct = {(moment - HALF_DAY).date() for moment in moments}
    return max(0, any_days - len(distinct))
