"""What histograms observed over a window, from looks at them at whole steps."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise

from upkeep.errors import CannotAskError
from upkeep.signals.bucket_counts import added_up, native_increase
from upkeep.sources.prometheus_series import Labels, Series


def by_endpoint(
    every: Sequence[Series], began_after: float, sort: Callable[[Labels], str | None]
) -> dict[str, dict[float, float]]:
    """
    Increases by what `sort` says of a series and by its bound (0 for one without), as numbers: "1" and "1.0" are one bound.

    A series that is first looked at after `began_after` began at zero within the window.
    """
    found: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    native: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for series in every:
        name = sort(series.labels)
        if name is None:
            continue
        if series.times:
            found[name][bound(series.labels)] += _increase(series, began_after)
        for upper, more in native_increase(series.histograms).items():
            native[name][upper] += more
    return {name: dict(added_up(each)) for name, each in native.items()} | {name: dict(each) for name, each in found.items()}


def bound(labels: Labels) -> float:
    """Where a bucket ends; 0 for what has no buckets. Raises CannotAskError when that is no number."""
    try:
        return float(labels.get("le", 0))
    except ValueError:
        text = f'a bucket of {labels.get("__name__", "the histogram")} ends at le="{labels["le"]}", which is no number'
        raise CannotAskError(text, "see which program writes it, or leave it out by match") from None


def _increase(series: Series, began_after: float) -> float:
    """A smaller value is a reset: it counted from zero."""
    at_first = series.values[0] if series.times[0] > began_after else 0.0
    return at_first + sum(new if new < old else new - old for old, new in pairwise(series.values))
