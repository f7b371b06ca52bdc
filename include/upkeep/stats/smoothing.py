"""
Level, trend and season of a series, followed value by value. Pure arithmetic.

Holt and Winters' additive smoothing (Winters, 1960) with a damped trend (Gardner and McKenzie, 1985), made robust as by Gelper,
Fried and Croux, "Robust forecasting with exponential and Holt-Winters smoothing" (2010): a surprise counts for no more than three
times the usual one, so that single wild values move nothing far. Beside Holt's trend there are three plain ones: none, the median
rise (after Theil, 1950, and Sen, 1968) and the mean rise, which counts bulk loads too.
"""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

from upkeep.stats.trend import slope

_CLIP = 3.0
_SCALE_SPEED = 0.1
_LAG = 7


class Trend(StrEnum):
    """How the rise a step is found."""

    NONE = "none"
    HOLT = "holt"
    MEDIAN = "median"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Speeds:
    """
    How fast level, Holt's trend and season follow: 0 is never, 1 is at once. `damping` is what is left of a trend a step later.

    `season` is its length in steps, 1 for none.
    """

    level: float
    trend: Trend = Trend.NONE
    trend_speed: float = 0.0
    damping: float = 1.0
    season: int = 1
    seasonal: float = 0.0


@dataclass(frozen=True, slots=True)
class Follower:
    """Where a series stands after the value at `place`; `season` holds one height for each phase."""

    place: int
    level: float
    trend: float
    season: tuple[float, ...]
    damping: float

    def ahead(self, steps: int) -> float:
        """What is expected so many steps later."""
        reach = steps if self.damping == 1 else self.damping * (1 - self.damping**steps) / (1 - self.damping)
        return self.level + self.trend * reach + self.season[(self.place + steps) % len(self.season)]


@dataclass
class _Rises:
    """The rises of a series so far: over a week each for their median, and from its beginning for their mean."""

    values: Sequence[float | None]
    steepest: float
    first: tuple[int, float]
    ordered: list[float] = field(default_factory=list)

    def rise(self, kind: Trend, place: int, level: float) -> float:
        """The rise a step, as known after the value at `place`."""
        now, before = self.values[place], self.values[place - _LAG] if place >= _LAG else None
        if kind is Trend.NONE:
            return 0.0
        if kind is Trend.MEDIAN and now is not None and before is not None:
            insort(self.ordered, (now - before) / _LAG)
        if kind is Trend.MEDIAN and not self.ordered:
            return 0.0
        found = (
            self.ordered[len(self.ordered) // 2]
            if kind is Trend.MEDIAN
            else (level - self.first[1]) / max(1, place - self.first[0])
        )
        return max(-self.steepest, min(self.steepest, found))


def follow(values: Sequence[float | None], speeds: Speeds, begin: int, steepest: float) -> list[Follower]:
    """
    A follower after each place from `begin` - 1 on, the first of them made of the values before `begin`.

    A gap is filled with what was expected. The trend never exceeds `steepest` a step, so that no refit explodes.
    """
    state, rises = _first(values[:begin], speeds, steepest), _rises(values, begin, steepest)
    scale, states = _surprise(values[:begin], state), [state]
    for value in values[begin:]:
        state, scale = _next(state, value, scale, speeds, rises)
        states.append(state)
    return states


def _next(state: Follower, value: float | None, scale: float, speeds: Speeds, rises: _Rises) -> tuple[Follower, float]:
    place, phase = state.place + 1, (state.place + 1) % len(state.season)
    trend = state.trend * state.damping
    if value is None:
        return Follower(place, state.level + trend, trend, state.season, state.damping), scale
    surprise = value - state.ahead(1)
    limit = _CLIP * scale if scale else abs(surprise)
    heard = max(-limit, min(limit, surprise))
    level = state.level + trend + speeds.level * heard
    height = state.season[phase] + speeds.seasonal * (1 - speeds.level) * heard
    season = (*state.season[:phase], height, *state.season[phase + 1 :]) if speeds.seasonal else state.season
    if speeds.trend is Trend.HOLT:
        trend = max(-rises.steepest, min(rises.steepest, trend + speeds.level * speeds.trend_speed * heard))
    else:
        trend = rises.rise(speeds.trend, place, level)
    scale += _SCALE_SPEED * (min(abs(surprise), 2 * limit) - scale)
    return Follower(place, level, trend, season, state.damping), scale


def _rises(values: Sequence[float | None], begin: int, steepest: float) -> _Rises:
    known = [(place, value) for place, value in enumerate(values[:begin]) if value is not None]
    pairs = zip(values[: begin - _LAG], values[_LAG:begin], strict=True) if begin > _LAG else ()
    ordered = sorted((b - a) / _LAG for a, b in pairs if a is not None and b is not None)
    return _Rises(values, steepest, known[0], ordered)


def _first(values: Sequence[float | None], speeds: Speeds, steepest: float) -> Follower:
    known = [(float(place), value) for place, value in enumerate(values) if value is not None]
    steep = 0.0 if speeds.trend is Trend.NONE else max(-steepest, min(steepest, slope(known[-60:]) or 0.0))
    last = len(values) - 1
    at_end = [(int(place), value + steep * (last - place)) for place, value in known]
    level = median(value for _, value in at_end)
    heights = [median([v - level for place, v in at_end if place % speeds.season == p] or [0.0]) for p in range(speeds.season)]
    season = tuple(heights) if speeds.season > 1 else (0.0,)
    return Follower(last, level, steep, season, speeds.damping)


def _surprise(values: Sequence[float | None], state: Follower) -> float:
    """The usual distance of the first values from where the follower would have expected them."""
    distances = [
        abs(value - (state.level - state.trend * (state.place - place) + state.season[place % len(state.season)]))
        for place, value in enumerate(values)
        if value is not None
    ]
    return sum(sorted(distances)[: max(1, int(0.9 * len(distances)))]) / max(1, int(0.9 * len(distances)))
