"""Heights of a chart: the round numbers beside it, and where a value lies between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from upkeep.reports.chart import Chart

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_PARTS = 5


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` to `high` in steps; zero is always between them."""

    low: float
    high: float
    step: float

    def ticks(self) -> Iterator[float]:
        """The round numbers, from below."""
        for place in range(round((self.high - self.low) / self.step) + 1):
            yield self.low + place * self.step

    def share(self, value: float) -> float:
        """How far up a value lies: 0 at `low`, 1 at `high`."""
        return (value - self.low) / (self.high - self.low)

    def said(self, value: float) -> str:
        """A round number in few digits."""
        for unit, sign in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
            if max(abs(self.low), abs(self.high)) >= unit:
                return f"{value / (1e3 if unit == 1e4 else unit):g}{sign}" if value else "0"  # noqa: PLR2004 - thousands from ten thousand on
        return f"{value:,.10g}"


def scale_of(chart: Chart) -> Scale:
    """Round numbers around every value of a chart."""
    values = list(_ends(chart)) + ([chart.limit] if chart.limit is not None else [])
    low, high = min([0.0, *values]), max([0.0, *values])
    if low == high:
        high = 1.0
    size = 10.0 ** floor(log10((high - low) / _PARTS))
    step = next(size * each for each in _STEPS if size * each * _PARTS >= (high - low) * (1 - 1e-9))
    return Scale(floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step, step)


def piled(chart: Chart, place: int) -> Iterator[tuple[int, float, float]]:
    """The pieces of a bar: number of the series, and from where to where; what is below zero goes down from it."""
    up = down = 0.0
    for number, series in enumerate(chart.series):
        value = series.values[place] or 0.0
        if value > 0:
            yield number, up, up + value
            up += value
        elif value < 0:
            yield number, down + value, down
            down += value


def _ends(chart: Chart) -> Sequence[float]:
    if chart.kind == "lines":
        return [value for series in chart.series for value in series.values if value is not None]
    return [end for place in range(len(chart.labels)) for _, low, high in piled(chart, place) for end in (low, high)]
