"""When the targets of a service were scraped: what tells a quiet minute from one that nobody saw."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from upkeep.sources.prometheus_series import Labels, Series

Target = tuple[str, str]
_LONGEST_PAUSE = 2.5
"""Scrapes further apart than this many times their usual distance have missed something."""
_LEAST_PAUSE_S = 150.0


def target_of(labels: Labels) -> Target:
    """The job and instance that a series was scraped from; both empty when it does not say."""
    return labels.get("job", ""), labels.get("instance", "")


@dataclass(frozen=True, slots=True)
class Scrapes:
    """Of each target the times of scrapes that it answered and of those that failed, ascending."""

    answered: Mapping[Target, Sequence[float]]
    failed: Mapping[Target, Sequence[float]]

    @classmethod
    def of(cls, up: Iterable[Series]) -> "Scrapes":
        """From the series `up`."""
        answered: dict[Target, list[float]] = {}
        failed: dict[Target, list[float]] = {}
        for series in up:
            for time, value in zip(series.times, series.values, strict=True):
                (answered if value else failed).setdefault(target_of(series.labels), []).append(time)
        return cls(*({target: sorted(times) for target, times in each.items()} for each in (answered, failed)))

    def know(self, targets: Iterable[Target]) -> bool:
        """Whether each of these was scraped at all."""
        return all(target in self.answered or target in self.failed for target in targets)

    def without(self, target: Target, times: Sequence[float]) -> Sequence[float]:
        """Scrapes that the target answered at none of these times, ascending."""
        return sorted(set(self.answered.get(target, ())).difference(times))

    def previous(self, target: Target, moment: float) -> float | None:
        """The last scrape that it answered before a moment."""
        times = self.answered.get(target, ())
        at = bisect_left(times, moment)
        return times[at - 1] if at else None

    def holes(self, target: Target) -> Iterable[tuple[float, float]]:
        """Spans in which it was there but not seen: between scrapes too far apart, and failed ones at its end."""
        times = self.answered.get(target, ())
        longest = pause(times)
        yield from ((first, second) for first, second in pairwise(times) if second - first > longest)
        failed = self.failed.get(target, ())
        if times and failed and failed[-1] > times[-1]:
            yield times[-1], failed[-1]


def pause(times: Sequence[float]) -> float:
    """How far apart scrapes may be before something was missed, seconds."""
    usual = median(second - first for first, second in pairwise(times)) if len(times) > 1 else 0.0
    return max(_LEAST_PAUSE_S, _LONGEST_PAUSE * usual)


def seen_spans(every: Iterable[Sequence[float]]) -> Iterable[tuple[float, float]]:
    """Spans without a hole in times of samples, whichever series they are of."""
    times = sorted({time for each in every for time in each})
    longest = pause(times)
    start = times[0] if times else 0.0
    for first, second in pairwise(times):
        if second - first > longest:
            yield start, first
            start = second
    if times:
        yield start, times[-1]
