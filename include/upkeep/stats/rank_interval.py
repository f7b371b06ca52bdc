"""A percentile of counted values with the interval that chance leaves it: by ranks, whatever the values' distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, floor, sqrt

_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class RankInterval:
    """The least value that so many are at or below, and between which values the true one lies in 95 of 100 samples."""

    value: float
    low: float
    high: float
    n: int


def rank_interval(counts: Sequence[tuple[float, int]], share: float) -> RankInterval | None:
    """Of values with how often each came, in any order; None of none."""
    ordered = sorted(counts)
    n = sum(count for _, count in ordered)
    if not n:
        return None
    spread = _Z95 * sqrt(n * share * (1 - share))
    value, low, high = (
        _at(ordered, min(max(rank, 1), n)) for rank in (ceil(n * share), floor(n * share - spread), ceil(n * share + spread) + 1)
    )
    return RankInterval(value, low, high, n)


def _at(ordered: Sequence[tuple[float, int]], rank: int) -> float:
    upto = accumulate(count for _, count in ordered)
    return next(value for (value, _), reached in zip(ordered, upto, strict=True) if reached >= rank)
