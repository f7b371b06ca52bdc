"""Minutes of a service from its scraped counters: which of them were seen, and what was counted in each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import ceil, floor
from statistics import median

from upkeep.humanize import plural
from upkeep.signals.counters import by_target, increases
from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import MINUTE, Minute, Minutes
from upkeep.signals.scrapes import Scrapes, seen_spans
from upkeep.sources.prometheus_series import Labels, Series
from upkeep.window import Window

_MINUTE_S = 60
_ALIKE = 0.1


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole minutes that a window touches."""

    start: datetime
    count: int

    @classmethod
    def of(cls, window: Window) -> "Grid":
        """From the minute that it starts in to the one that it ends in."""
        start = window.start.replace(second=0, microsecond=0)
        return cls(start, -(-(window.end - start) // MINUTE))

    def number(self, moment: float) -> int:
        """The minute of a sample: it tells what happened before it, so that one at the turn belongs to the minute that ends."""
        return ceil((moment - self.start.timestamp()) / _MINUTE_S) - 1

    def inside(self, start: float, end: float) -> range:
        """The minutes that lie wholly in a span."""
        origin = self.start.timestamp()
        first, last = ceil((start - origin) / _MINUTE_S), floor((end - origin) / _MINUTE_S)
        return range(max(0, first), max(0, min(self.count, last)))

    def touched(self, start: float, end: float) -> range:
        """The minutes that a span touches."""
        origin = self.start.timestamp()
        return range(max(0, floor((start - origin) / _MINUTE_S)), max(0, min(self.count, ceil((end - origin) / _MINUTE_S))))


def counted(grid: Grid, every: Sequence[Series], scrapes: Scrapes, sort: Callable[[Labels], str]) -> dict[str, list[int]]:
    """Increases by what `sort` says of a series, one number a minute."""
    found: dict[str, list[int]] = {}
    origin = grid.start.timestamp()
    for series in by_target(every).values():
        for each in series:
            row = found.setdefault(sort(each.labels), [0] * grid.count)
            for moment, more in increases(each, scrapes, series):
                number = ceil((moment - origin) / _MINUTE_S) - 1
                if 0 <= number < grid.count:
                    row[number] += more
    return found


def seen(grid: Grid, every: Sequence[Series], scrapes: Scrapes) -> list[bool]:
    """
    Which minutes the counter was there in, and every target that has it was scraped.

    One that was scraped without the counter is not seen: the metric may have another name by then.
    """
    found = [False] * grid.count
    for start, end in seen_spans(_up_to_end(grid, [series.times for series in every])):
        for number in grid.inside(start, end):
            found[number] = True
    for target in by_target(every):
        for start, end in scrapes.holes(target):
            for number in grid.touched(start, end):
                found[number] = False
    return found


def minutes(grid: Grid, there: Sequence[bool], counts: dict[str, list[int]], slow: Sequence[int | None] | None) -> Minutes:
    """Each minute that was seen with its counts."""
    none = [0] * grid.count
    errors, refused, closed = (counts.get(name, none) for name in ("errors", "refused", "closed"))
    total = [sum(row[number] for row in counts.values()) for number in range(grid.count)]
    late = [one if one is None or one <= every else None for one, every in zip(slow or [None] * grid.count, total, strict=True)]
    each = zip(there, total, errors, refused, closed, late, strict=True)
    return Minutes(grid.start, tuple(Minute(*counted) if known else None for known, *counted in each))


def notes(grid: Grid, there: Sequence[bool], every: Sequence[Series], scrapes: Scrapes, name: str) -> Iterator[str]:
    """What a reader must know of minutes that were not seen."""
    scraped = {grid.number(time) for target in by_target(every) for time in scrapes.answered.get(target, ())}
    lacking = sum(not known and number in scraped for number, known in enumerate(there))
    if lacking:
        yield f"{plural(lacking, 'minute')} scraped without {name} or without one of its instances: was it renamed, or one away?"
    for (job, instance), times in scrapes.failed.items():
        lost = {grid.number(time) for time in times} & set(range(grid.count))
        if lost:
            yield f"{instance or job} failed scrapes in {plural(len(lost), 'minute')}"


def few_times(requests: int, latency: Sequence[Percentile]) -> Iterator[str]:
    """Whether the histogram saw another number of requests, as when its kind or name changed in the window."""
    n = latency[0].n if latency else requests
    if abs(n - requests) > _ALIKE * requests:
        yield f"latency is of {n:,} of {plural(requests, 'request')}"


def _up_to_end(grid: Grid, every: Iterable[Sequence[float]]) -> list[Sequence[float]]:
    """The times, and the end itself where the next scrape was not due before it."""
    end, rows = grid.start.timestamp() + grid.count * _MINUTE_S, list(every)
    times = sorted({time for row in rows for time in row})
    usual = median(second - first for first, second in pairwise(times)) if len(times) > 1 else 0.0
    return [*rows, [end]] if times and 0 < end - times[-1] <= max(usual, 1.0) * 1.1 else rows
