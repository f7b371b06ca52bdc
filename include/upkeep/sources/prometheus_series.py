"""Series of Prometheus as its API writes them: labels, and samples of numbers or of native histograms."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Labels = Mapping[str, str]
COPIES = frozenset({"replica", "prometheus_replica", "__replica__", "receive_replica"})
"""Labels by which several servers call their copies of the same samples, as is usual."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """A native histogram: observations in each bucket, by its bounds in ascending order."""

    count: float
    buckets: Mapping[tuple[float, float], float]


@dataclass(frozen=True, slots=True)
class Series:
    """One series: times in seconds since 1970, ascending, and a value at each. Native histograms stand apart."""

    labels: Labels
    times: Sequence[float]
    values: Sequence[float]
    histograms: tuple[tuple[float, Histogram], ...] = field(default=())

    @property
    def key(self) -> frozenset[tuple[str, str]]:
        """What tells it from others."""
        return frozenset(self.labels.items())

    def after(self, moment: float) -> "Series":
        """Only what came after a moment: servers differ in whether a range holds its start."""
        at = bisect_right(self.times, moment)
        kept = tuple(sample for sample in self.histograms if sample[0] > moment)
        return Series(self.labels, self.times[at:], self.values[at:], kept)


def series_of(result: Iterable[Mapping[str, Any]]) -> tuple[Series, ...]:
    """From `data.result` of an answer, vector or matrix."""
    return tuple(_series(each) for each in result)


def joined(parts: Iterable[tuple[Series, ...]]) -> tuple[Series, ...]:
    """The series of answers about spans that follow each other."""
    found: dict[frozenset[tuple[str, str]], list[Series]] = {}
    for part in parts:
        for series in part:
            found.setdefault(series.key, []).append(series)
    return tuple(_one(pieces) for pieces in found.values())


def _one(pieces: Sequence[Series]) -> Series:
    times, values = array("d"), array("d")
    for piece in pieces:
        times.extend(piece.times)
        values.extend(piece.values)
    return Series(pieces[0].labels, times, values, tuple(sample for piece in pieces for sample in piece.histograms))


def _series(each: Mapping[str, Any]) -> Series:
    numbers = each.get("values") or ([each["value"]] if "value" in each else [])
    native = each.get("histograms") or ([each["histogram"]] if "histogram" in each else [])
    return Series(
        each.get("metric", {}),
        array("d", (float(time) for time, _ in numbers)),
        array("d", (float(value) for _, value in numbers)),
        tuple((float(time), _histogram(value)) for time, value in native),
    )


def _histogram(written: Mapping[str, Any]) -> Histogram:
    buckets = {(float(low), float(high)): float(count) for _, low, high, count in written.get("buckets") or ()}
    return Histogram(float(written["count"]), dict(sorted(buckets.items())))
