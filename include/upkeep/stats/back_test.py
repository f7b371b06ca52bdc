"""How often forecasts of a series' own past held. Pure arithmetic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from upkeep.stats.even_series import EvenSeries
from upkeep.stats.forecast import LEAST, Forecast, TooShort, forecast


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of `n` forecasts for `steps` ahead, `held` had the value that came within their interval."""

    steps: int
    n: int
    held: int

    @property
    def share(self) -> float | None:
        """Share that held; None without any."""
        return self.held / self.n if self.n else None


def back_test(
    series: EvenSeries, horizons: Sequence[int], *, origins: int = 20, least: int = LEAST, **how: Any
) -> list[Coverage]:
    """
    Coverage by horizon: forecasts from up to `origins` places of the past, spread evenly, each of what lay before it alone.

    The first has `least` values at least; `how` goes to `forecast`. A horizon longer than the past allows has n = 0.
    """
    places = _places(least, len(series.values) - min(horizons), origins)
    made = [(place, forecast(series.until(place), max(horizons), **how)) for place in places]
    return [_coverage(series, made, steps) for steps in horizons]


def total(found: Iterable[Coverage]) -> Coverage:
    """All horizons together; `steps` is the farthest that was tried."""
    tried = [one for one in found if one.n]
    return Coverage(max((one.steps for one in tried), default=0), sum(one.n for one in tried), sum(one.held for one in tried))


def _places(first: int, last: int, most: int) -> list[int]:
    """Up to `most` whole numbers from `first` to `last`, both included, the farthest apart."""
    if last < first:
        return []
    count = min(most, last - first + 1)
    return sorted({first + round(i * (last - first) / max(1, count - 1)) for i in range(count)})


def _coverage(series: EvenSeries, made: Sequence[tuple[int, Forecast | TooShort]], steps: int) -> Coverage:
    held = [_held(series, place - 1 + steps, found) for place, found in made if isinstance(found, Forecast)]
    return Coverage(steps, sum(one is not None for one in held), sum(one is True for one in held))


def _held(series: EvenSeries, place: int, found: Forecast) -> bool | None:
    """Whether the value at `place` came within its interval; None without a value or beyond what was foretold."""
    value = series.values[place] if place < len(series.values) else None
    # A gap before the forecast moves its own beginning back.
    ahead = round((series.moment(place) - found.series.moment(len(found.series.values) - 1)) / series.step)
    if value is None or ahead > found.horizon:
        return None
    interval = found.at(ahead)
    return interval.low <= value <= interval.high
