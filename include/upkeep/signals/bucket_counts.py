"""Percentiles of latency from counts of buckets, with the bounds of the bucket that they fall into."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import ceil, inf

from upkeep.signals.latency import Percentile
from upkeep.sources.prometheus_series import Histogram

Cumulative = Mapping[float, float]
"""Observations at or below each bound; compared as numbers, since 1 and 1.0 are one bound."""


def percentiles(each: Sequence[Cumulative], shares: Sequence[float], unit: float = 1) -> Iterator[Percentile]:
    """
    Each share of all of them between the bounds that hold it, in seconds; none without observations or without a last bucket.

    Where a histogram has no such bound, its next lower one tells how many there are at least, the higher one at most.
    """
    whole = [counts for counts in each if counts.get(inf, 0) > 0]
    bounds = sorted({bound for counts in whole for bound in counts})
    total = round(sum(counts[inf] for counts in whole))
    least = [sum(max((n for upper, n in counts.items() if upper <= bound), default=0) for counts in whole) for bound in bounds]
    most = [sum(min(n for upper, n in counts.items() if upper >= bound) for counts in whole) for bound in bounds]
    for share in shares if total > 0 else ():
        rank = max(1, ceil(share * total - 1e-9))
        at = next((at for at, n in enumerate(least) if n >= rank), len(bounds) - 1)
        low = next((bounds[below] for below in reversed(range(at)) if most[below] < rank), min(0.0, bounds[0]))
        yield Percentile(share, low * unit, bounds[at] * unit, total)


def native_increase(samples: Sequence[tuple[float, Histogram]]) -> Mapping[float, float]:
    """What each bucket of a native histogram observed, by upper bounds, from first to last sample. A lower count is a reset."""
    found: dict[float, float] = {}
    for (_, old), (_, new) in pairwise(samples):
        reset = new.count < old.count
        for bounds, count in new.buckets.items():
            more = count - (0 if reset else old.buckets.get(bounds, 0))
            found[bounds[1]] = found.get(bounds[1], 0) + max(0.0, more)
    return found


def added_up(each: Mapping[float, float]) -> Cumulative:
    """Counts of single buckets as cumulative ones."""
    total, found = 0.0, {}
    for bound in sorted(each):
        total += each[bound]
        found[bound] = total
    return {**found, inf: total} if found else {}
