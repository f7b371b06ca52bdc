"""
Each value of a series judged by what came before it: what was expected, and how likely a surprise as large is. Pure arithmetic.

Several looks go along together, each calibrated on its own surprises, so that none needs a scale and a look that does not fit the
series is only less sure. The rarest counts, its chance multiplied by how many looked (Bonferroni, 1936).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import asinh, sinh

from upkeep.stats.anomaly.look import USUAL, Look, Seen, Watcher

CLIP = 1.1


@dataclass(frozen=True, slots=True)
class Judged:
    """
    A value, the interval in which it was expected, and the chance of a surprise as large.

    `side` is 1 above and -1 below what is usual, by the rarest look, whose name is `look`; 0 is within it.
    """

    at: datetime
    value: float
    low: float
    middle: float
    high: float
    chance: float
    side: int
    look: str

    @property
    def sure(self) -> float:
        """How sure it is that this is no chance: 0 to 1."""
        return 1 - self.chance


def judge(
    points: Iterable[tuple[datetime, float | None]], looks: Sequence[Look], *, unit: float | None = None, clip: float = CLIP
) -> list[Judged | None]:
    """
    One judgement for each value in order of time; None where it cannot be told: a gap, or too short a past.

    With `unit` ratios are compared rather than differences, for values of many units; those around zero are compared as they are.
    """
    watchers = [Watcher(look, clip) for look in looks]
    return [None if value is None else _judged(watchers, at, value, unit) for at, value in points]


def _judged(watchers: Sequence[Watcher], at: datetime, value: float, unit: float | None) -> Judged | None:
    laid = asinh(value / unit) if unit else value
    seen = [one for watcher in watchers if (one := watcher.see(at, laid))]
    plain = [one for one in seen if one.look.lasting == 1]
    if not plain:
        return None
    sharp, rarest = min(plain, key=lambda one: one.usual), min(seen, key=lambda one: one.chance)
    bounds = (sharp.expected - sharp.usual, sharp.expected, sharp.expected + sharp.usual)
    low, middle, high = (sinh(bound) * unit for bound in bounds) if unit else bounds
    return Judged(at, value, low, middle, high, min(1.0, rarest.chance * len(seen)), _side(rarest), rarest.look.name)


def _side(rarest: Seen) -> int:
    if rarest.chance > USUAL or not rarest.surprise:
        return 0
    return 1 if rarest.surprise > 0 else -1
