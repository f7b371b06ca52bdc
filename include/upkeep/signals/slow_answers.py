"""Answers above a limit, minute by minute, from the histogram's bucket that ends there and the one that holds all."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf

from upkeep.signals.bucket_increase import bound
from upkeep.signals.scraped_minutes import Grid, counted
from upkeep.signals.scrapes import Scrapes
from upkeep.sources.prometheus_series import Series, joined


def slow_answers(grid: Grid, buckets: Iterable[Series], scrapes: Scrapes) -> Sequence[int | None] | None:
    """None in a minute in which one of the two was there without the other, as where a release changed the buckets."""
    # A bucket that was written "1" and then "1.0" is one.
    named = [replace(each, labels={**each.labels, "le": str(bound(each.labels))}) for each in buckets]
    series = joined((each,) for each in sorted(named, key=lambda each: each.times[0]))
    both = counted(grid, series, scrapes, lambda labels: "all" if bound(labels) == inf else "quick")
    if len(both) < len(("all", "quick")):
        return None
    alone = {grid.number(time) for time in _alone(series)}
    each = enumerate(zip(both["all"], both["quick"], strict=True))
    return [None if number in alone else every - quick for number, (every, quick) in each]


def _alone(every: Sequence[Series]) -> set[float]:
    """Times at which a histogram had one of the two only."""
    pairs: dict[frozenset[tuple[str, str]], list[Sequence[float]]] = defaultdict(list)
    for series in every:
        pairs[frozenset((label, value) for label, value in series.labels.items() if label != "le")].append(series.times)
    return {time for times in pairs.values() if len(times) == 1 or times[0] != times[1] for time in _odd(times)}


def _odd(times: Sequence[Sequence[float]]) -> set[float]:
    return set(times[0]).symmetric_difference(*times[1:])
