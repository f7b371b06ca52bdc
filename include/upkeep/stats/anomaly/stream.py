"""
Values that come every few minutes or hours, such as traffic, latency and use of machines. Pure arithmetic.

Three looks: how far a value lies from the middle of all before (values that never happened), how far from what this hour of the
day usually has, moved to where the last three dozen values stand, and how far the mean of two dozen strayed (what lasts).
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import log10
from operator import attrgetter
from statistics import median

from upkeep.stats.anomaly.expectation import Season
from upkeep.stats.anomaly.judge import Judged, judge
from upkeep.stats.anomaly.look import Look

LONG, SHORT, LASTING, DAYS = 5000, 36, 24, 5
QUIET = 150
"""So many values after a surprise only a rarer one is told."""
_HOUR = timedelta(hours=1)
_LEAST_CHANCE = 1e-300
Point = tuple[datetime, float]


def judge_stream(points: Sequence[Point]) -> list[Judged | None]:
    """One judgement for each value, in order of time, by what came before it only; None for the first ones."""
    return judge(points, _looks(points))


def surprises(points: Sequence[Point]) -> list[float]:
    """
    How surprising each value is: 3 is as rare as one in a thousand, and so on; 0 where it cannot be told.

    What goes on is told once: a value no rarer than one of the 150 before scores 0.
    """
    return first_of_each([0.0 if one is None else -log10(max(one.chance, _LEAST_CHANCE)) for one in judge_stream(points)])


def _looks(points: Sequence[Point]) -> tuple[Look, ...]:
    each_hour = _values_an_hour(points)
    hour = Season(attrgetter("hour"), visits=DAYS * each_hour, least=each_hour + 1)
    return (
        Look("value", recent=LONG, memory=LONG),
        Look("hour of day", recent=SHORT, season=hour, memory=LONG),
        Look("what lasts", recent=LONG, lasting=LASTING, memory=LONG),
    )


def _values_an_hour(points: Sequence[Point]) -> int:
    """How many values come in an hour, judged by the first few hundred."""
    steps = [(b[0] - a[0]) / _HOUR for a, b in pairwise(points[:300]) if b[0] > a[0]]
    return max(1, round(1 / median(steps))) if steps else 1


def first_of_each(scores: Sequence[float]) -> list[float]:
    """The scores that are above each of the 150 before; 0 for others."""
    found, before = [], deque[tuple[int, float]]()
    for place, score in enumerate(scores):
        while before and before[0][0] < place - QUIET:
            before.popleft()
        found.append(0.0 if before and before[0][1] >= score else score)
        while before and before[-1][1] <= score:
            before.pop()
        before.append((place, score))
    return found
