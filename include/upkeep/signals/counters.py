"""Counters counted exactly: differences of raw samples, with their resets, as whole numbers."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from upkeep.signals.scrapes import Scrapes, Target, pause, target_of
from upkeep.sources.prometheus_series import Series

Increase = tuple[float, int]
"""When it was seen, and how many."""


def increases(series: Series, scrapes: Scrapes, others: Sequence[Series]) -> Iterator[Increase]:
    """
    What a counter counted, at the time of each sample.

    A smaller value is a reset: it counted from zero. A series that an answered scrape lacked was forgotten and began again. After
    a hole in the scrapes nothing is counted, since nobody knows when it happened. `others` are series of the same counter.
    """
    if not series.times:
        return
    if _began(series, scrapes, others):
        yield series.times[0], round(series.values[0])
    target, longest = target_of(series.labels), pause(series.times)
    samples = zip(series.times, series.values, strict=True)
    lacked = scrapes.without(target, series.times)
    for (before, old), (now, new) in pairwise(samples):
        if lacked and bisect_right(lacked, before) < bisect_left(lacked, now):
            yield now, round(new)
        elif now - before <= longest:
            yield now, round(new) if new < old else round(new) - round(old)


def by_target(every: Sequence[Series]) -> Mapping[Target, Sequence[Series]]:
    """The series of each target."""
    found: dict[Target, list[Series]] = {}
    for series in every:
        found.setdefault(target_of(series.labels), []).append(series)
    return found


def _began(series: Series, scrapes: Scrapes, others: Sequence[Series]) -> bool:
    """Whether it began at zero: an earlier scrape lacked it, and it does not merely go on under other labels."""
    first = series.times[0]
    before = scrapes.previous(target_of(series.labels), first)
    return before is not None and not any(other.times and other.times[-1] == before for other in others if other is not series)
