"""
What a measured level will be, with an honest interval, and when it reaches a limit. Pure arithmetic.

The middle is a mean of plain methods (`mixed_followers`): robust damped Holt-Winters smoothing and straight lines. The interval
is what those forecasts missed by in the series' own past, horizon for horizon (`forecast_errors`): nothing is assumed about how
errors are distributed. A step that stays, such as after a migration, is taken out first unless steps are how the series behaves
(`level_shifts`). Weekdays are known by the season of seven days.

What it does not know: holidays, ends of months, and whatever has not happened yet. `back_test` says how often it held.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from operator import attrgetter

from upkeep.stats.even_series import DAY, EvenSeries
from upkeep.stats.forecast_errors import growth, missed, quantile
from upkeep.stats.level_shifts import without_rare_shifts
from upkeep.stats.mixed_followers import Mix, mixes

LEAST = 14
"""Values that a forecast needs at least."""
MOST = 500
"""Steps that are looked at, the newest ones."""
TIMES_SPAN = 2
"""How far ahead may be looked, in lengths of the past."""


@dataclass(frozen=True, slots=True)
class TooShort:
    """No forecast: `n` values over `span`, where `need` are needed."""

    n: int
    span: timedelta
    need: int = LEAST

    @property
    def text(self) -> str:
        """The reason in words."""
        return f"too short a history: {self.n} values over {self.span / DAY:.0f} days, {self.need} are needed"


@dataclass(frozen=True, slots=True)
class Interval:
    """What is expected (`middle`) and the bounds between which it is to be expected with the forecast's `cover`."""

    low: float
    middle: float
    high: float


_BOUNDS = (attrgetter("high"), attrgetter("middle"), attrgetter("low"))


@dataclass(frozen=True, slots=True)
class Reached:
    """
    When a limit is reached, as an interval; None is "not within the horizon".

    `earliest` is when the upper bound reaches it, `latest` when the lower one does. `horizon` is how far was looked.
    """

    earliest: datetime | None
    expected: datetime | None
    latest: datetime | None
    horizon: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """
    What comes after `series`, for up to `horizon` steps.

    `errors` are what earlier forecasts missed by at some horizons, sorted; those beyond the last of them are made of it, widened.
    """

    series: EvenSeries
    mix: Mix
    errors: tuple[tuple[int, tuple[float, ...]], ...]
    growth: float
    horizon: int
    cover: float
    floor: float
    ceiling: float

    def at(self, steps: int) -> Interval:
        """The interval so many steps after the last value. Raises ValueError beyond the horizon."""
        if not 1 <= steps <= self.horizon:
            raise ValueError(f"{steps} steps ahead: this forecast is for 1 to {self.horizon}")
        middle = self.mix.ahead(steps)
        tail = (1 - self.cover) / 2
        low, high = self._error(steps, tail), self._error(steps, 1 - tail)
        return Interval(*(self._bounded(value) for value in (middle + min(low, 0.0), middle, middle + max(high, 0.0))))

    def path(self) -> list[Interval]:
        """The intervals of every step up to the horizon."""
        return [self.at(steps) for steps in range(1, self.horizon + 1)]

    def chance(self, limit: float, steps: int) -> float:
        """How likely the value is `limit` or more so many steps ahead: the share of earlier errors that would bring it there."""
        errors, widened = self._errors_at(steps)
        short = bisect_left(errors, (limit - self.mix.ahead(steps)) / widened)
        return (len(errors) - short + 0.5) / (len(errors) + 1)

    def reaches(self, limit: float) -> Reached:
        """When it first is `limit` or more; it may be already."""
        end, last = len(self.series.values) - 1, self.series.values[-1]
        path = self.path() if last is None else [Interval(last, last, last), *self.path()]
        places = (next((place for place, one in enumerate(path) if bound(one) >= limit), None) for bound in _BOUNDS)
        first = [None if place is None else self.series.moment(end + place) for place in places]
        return Reached(first[0], first[1], first[2], self.series.moment(end + self.horizon))

    def _bounded(self, value: float) -> float:
        return max(self.floor, min(self.ceiling, value))

    def _error(self, steps: int, share: float) -> float:
        """The quantile of errors at a horizon, between those horizons that were tried."""
        place = bisect_left(self.errors, steps, key=lambda one: one[0])
        if 0 < place < len(self.errors):
            (near, before), (far, after) = self.errors[place - 1], self.errors[place]
            weight = (steps - near) / (far - near)
            return quantile(before, share) * (1 - weight) + quantile(after, share) * weight
        errors, widened = self._errors_at(steps)
        return quantile(errors, share) * widened

    def _errors_at(self, steps: int) -> tuple[tuple[float, ...], float]:
        """The errors of the next tried horizon, and by how much they are widened beyond the last."""
        h, errors = next(((h, e) for h, e in self.errors if h >= steps), self.errors[-1])
        return errors, max(1.0, (steps / h) ** self.growth)


def forecast(
    series: EvenSeries,
    horizon: int,
    *,
    season: int | tuple[int, ...] = 7,
    cover: float = 0.8,
    floor: float = -inf,
    ceiling: float = inf,
) -> Forecast | TooShort:
    """
    What comes next, for `horizon` steps but never for more than twice the past; TooShort with fewer than 14 values.

    `season` is the length of a season in steps (or several to choose from), used as far as it foretells the past better. Values
    stay between `floor` and `ceiling`: no disk is less than empty, no share more than one.
    """
    recent = series.newest(MOST)
    if recent.n < LEAST:
        return TooShort(recent.n, recent.span)
    values = without_rare_shifts(recent.values)
    tellers = mixes(values, (season,) if isinstance(season, int) else season, horizon)
    found = missed(values, tellers, horizon)
    if not found:
        return TooShort(recent.n, recent.span)
    return Forecast(
        series=recent,
        mix=tellers[-1],
        errors=tuple((h, tuple(sorted(errors))) for h, errors in found),
        growth=growth(found),
        horizon=min(horizon, TIMES_SPAN * len(values)),
        cover=cover,
        floor=floor,
        ceiling=ceiling,
    )
