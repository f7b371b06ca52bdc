"""Percentiles of latency from counts of buckets, with the bounds of the bucket that they fall into."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import ceil, inf

from upkeep.signals.latency import Percentile
from upkeep.sources.prometheus_series import Histogram

Cumulative = Mapping[float, float]
"""Observations at or below each bound; compared as numbers, since 1 and 1.0 are one bound."""


def percentiles(counts: Cumulative, shares: Sequence[float], unit: float = 1) -> Iterator[Percentile]:
    """Each share between its bucket's bounds, in seconds; none without observations or without a last bucket."""
    total = round(counts.get(inf, 0))
    if total <= 0:
        return
    bounds = sorted(counts)
    for share in shares:
        rank = max(1, ceil(share * total - 1e-9))
        low, high = next(pair for pair in pairwise([min(0.0, bounds[0]), *bounds]) if counts[pair[1]] >= rank or pair[1] == inf)
        yield Percentile(share, low * unit, high * unit, total)


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
