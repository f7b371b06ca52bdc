"""
Many followers of a series at once, where those count most that would have foretold its past best. Pure arithmetic.

A mean of several plain methods misses less than the one that looks best (Bates and Granger, 1969; Makridakis, Spiliotis and
Assimakopoulos, "The M4 Competition", 2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from upkeep.stats.forecast_errors import mean_miss, quantile
from upkeep.stats.smoothing import Follower, Speeds, Trend, follow

_LEVELS = (0.1, 0.3, 0.9)
_SPEEDS = [
    *(Speeds(level, trend) for level in _LEVELS for trend in (Trend.NONE, Trend.MEDIAN, Trend.MEAN)),
    *(Speeds(level, Trend.HOLT, 0.1, damping) for level in _LEVELS[1:] for damping in (1.0, 0.95)),
]
_SEASONAL = 0.2
_BEGIN, _WEEK = 10, 7
_SEASONS_NEEDED = 3
_TINY = 1e-12
# How much more a follower counts that misses less, and the weight, beside the best one's, below which it is left out.
_SHARPNESS, _COUNTS = 4, 0.2


@dataclass(frozen=True, slots=True)
class Mix:
    """What several followers of the same place expect together, each with its share."""

    parts: tuple[tuple[float, Follower], ...]

    @property
    def place(self) -> int:
        """The place of the last value that they have seen."""
        return self.parts[0][1].place

    def ahead(self, steps: int) -> float:
        """What is expected so many steps later."""
        return sum(share * follower.ahead(steps) for share, follower in self.parts)


def mixes(values: Sequence[float | None], seasons: Sequence[int], horizon: int) -> list[Mix]:
    """A mix for each place, from the first that can be told from on. `seasons` are lengths in steps that it may have."""
    choices = _choices(values, seasons)
    begin = min(max(_BEGIN, 2 * max(one.season for one in choices)), len(values) - 3)
    steepest = _steepest(values)
    followed = [follow(values, one, begin, steepest) for one in choices]
    kept = _weighed([mean_miss(values, states, horizon) for states in followed], followed)
    whole = sum(weight for weight, _ in kept)
    shares = [weight / whole for weight, _ in kept]
    return [Mix(tuple(zip(shares, at, strict=True))) for at in zip(*(states for _, states in kept), strict=True)]


def _choices(values: Sequence[float | None], seasons: Sequence[int]) -> list[Speeds]:
    """The speeds to try; a season needs more than three of its length in the past."""
    usable = [season for season in seasons if season > 1 and len(values) > _SEASONS_NEEDED * season]
    return [*_SPEEDS, *(replace(one, season=season, seasonal=_SEASONAL) for season in usable for one in _SPEEDS)]


def _weighed(missed: Sequence[float], followed: Sequence[list[Follower]]) -> list[tuple[float, list[Follower]]]:
    least = min(missed)
    weights = [((least + _TINY) / (miss + _TINY)) ** _SHARPNESS for miss in missed]
    return [(weight, states) for weight, states in zip(weights, followed, strict=True) if weight >= _COUNTS]


def _steepest(values: Sequence[float | None]) -> float:
    """The steepest that it rose or fell over a week of steps, wild values aside, as a rise a step."""
    pairs = zip(values, values[_WEEK:], strict=False)
    rises = sorted(abs(b - a) / _WEEK for a, b in pairs if a is not None and b is not None)
    return quantile(rises, 0.95) if rises else inf
