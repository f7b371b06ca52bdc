"""What histograms observed over a window, from looks at them at whole steps."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from upkeep.errors import CannotAskError
from upkeep.signals.bucket_counts import Cumulative, added_up, native_increase
from upkeep.sources.prometheus_series import Labels, Series

_STAYS_S = 300.5
"""How long a server goes on to show a series that is gone, or how far two looks are apart."""
_Steps = dict[float, float]
_Group = tuple[str, frozenset[tuple[str, str]]]
"""What `sort` says of a histogram, and its labels without the bound."""


def by_endpoint(every: Sequence[Series], began_after: float, sort: Callable[[Labels], str | None]) -> dict[str, list[Cumulative]]:
    """
    Increases by what `sort` says of a series and by its bound (0 for one without), as numbers: "1" and "1.0" are one bound.

    Those of other bounds stand apart: an instance may have got others within the window. A series that is first looked at after
    `began_after` began at zero, unless it goes on where another one ended.
    """
    found: dict[str, dict[tuple[float, ...], dict[float, float]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(float)))
    groups = _grouped(every, sort)
    gone = _ended(groups)
    for group, buckets in groups.items():
        for told in _increases(buckets, began_after, gone).values():
            kept = found[group[0]][tuple(sorted(told))]
            for upper, more in told.items():
                kept[upper] += more
    classic: dict[str, list[Cumulative]] = {name: [dict(each) for each in kept.values()] for name, kept in found.items()}
    return _native(every, sort) | classic


def bound(labels: Labels) -> float:
    """Where a bucket ends; 0 for what has no buckets. Raises CannotAskError when that is no number."""
    try:
        return float(labels.get("le", 0))
    except ValueError:
        text = f'a bucket of {labels.get("__name__", "the histogram")} ends at le="{labels["le"]}", which is no number'
        raise CannotAskError(text, "see which program writes it, or leave it out by match") from None


def _grouped(every: Sequence[Series], sort: Callable[[Labels], str | None]) -> dict[_Group, dict[float, _Steps]]:
    groups: dict[_Group, dict[float, _Steps]] = defaultdict(lambda: defaultdict(dict))
    for series in every:
        name = sort(series.labels)
        if name is None or not series.times:
            continue
        rest = frozenset((label, value) for label, value in series.labels.items() if label != "le")
        steps = groups[name, rest][bound(series.labels)]
        for time, value in zip(series.times, series.values, strict=True):
            steps[time] = max(value, steps.get(time, value))
    return groups


def _ended(groups: Mapping[_Group, Mapping[float, _Steps]]) -> Mapping[float, Sequence[tuple[float, float]]]:
    """By bound the last look at each series that ended, and its value then."""
    last = max((time for buckets in groups.values() for steps in buckets.values() for time in steps), default=0.0)
    found: dict[float, list[tuple[float, float]]] = defaultdict(list)
    for buckets in groups.values():
        for upper, steps in buckets.items():
            end = max(steps)
            if end < last:
                found[upper].append((end, steps[end]))
    return found


def _increases(
    buckets: Mapping[float, _Steps], began_after: float, gone: Mapping[float, Sequence[tuple[float, float]]]
) -> Mapping[float, Mapping[float, float]]:
    """By time and bound. A smaller value is a reset: it counted from zero."""
    found: dict[float, dict[float, float]] = defaultdict(dict)
    for upper, steps in buckets.items():
        ordered = sorted(steps.items())
        first, at_first = ordered[0]
        goes_on = any(abs(end - first) <= _STAYS_S and value <= at_first for end, value in gone.get(upper, ()))
        if first > began_after and not goes_on:
            found[first][upper] = at_first
        for (_, old), (time, new) in pairwise(ordered):
            found[time][upper] = new if new < old else new - old
    return found


def _native(every: Sequence[Series], sort: Callable[[Labels], str | None]) -> dict[str, list[Cumulative]]:
    found: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for series in every:
        name = sort(series.labels)
        for upper, more in native_increase(series.histograms).items() if name is not None else ():
            found[name or ""][upper] += more
    return {name: [added_up(each)] for name, each in found.items()}
