"""How a measured level stands against its limit: now, ahead, and how far that was right in its own past. Pure arithmetic."""

from dataclasses import dataclass
from math import inf

from upkeep.stats.back_test import Coverage, back_test, total
from upkeep.stats.even_series import EvenSeries
from upkeep.stats.forecast import Forecast, Reached, TooShort, forecast

HORIZONS = (7, 30, 90)
_PLACES = 12


@dataclass(frozen=True, slots=True)
class Headroom:
    """
    One level by day. `limit` is None where none is known; `ahead` says why where there is no forecast.

    `tested` is how often the interval held in the past, all horizons together; `by_horizon` each of them.
    """

    name: str
    unit: str
    series: EvenSeries
    limit: float | None
    ahead: Forecast | TooShort
    by_horizon: tuple[Coverage, ...] = ()

    @property
    def tested(self) -> Coverage:
        """All horizons of the back-test together."""
        return total(self.by_horizon)

    @property
    def reached(self) -> Reached | None:
        """When the limit is reached; None without a limit or a forecast."""
        return self.ahead.reaches(self.limit) if self.limit is not None and isinstance(self.ahead, Forecast) else None

    def chance(self, days: int) -> float | None:
        """How likely it is at its limit so many days ahead, or at the end of the horizon if that is nearer."""
        if self.limit is None or not isinstance(self.ahead, Forecast):
            return None
        return self.ahead.chance(self.limit, min(days, self.ahead.horizon))


def headroom(name: str, unit: str, series: EvenSeries, limit: float | None, *, days: int, ceiling: float = inf) -> Headroom:
    """Forecast a level for so many days and test that on its own past. Levels are never below zero nor above `ceiling`."""
    ahead = forecast(series, days, floor=0.0, ceiling=ceiling)
    if isinstance(ahead, TooShort):
        return Headroom(name, unit, series, limit, ahead)
    tested = back_test(ahead.series, HORIZONS, origins=_PLACES, floor=0.0, ceiling=ceiling)
    return Headroom(name, unit, series, limit, ahead, tuple(tested))
