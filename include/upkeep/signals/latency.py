"""Percentiles of latency with the bounds between which they really lie."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Percentile:
    """
    The time within which `share` of `n` requests were answered: between `low_s` and `high_s` seconds.

    From single times both are the same; from a histogram they are the bounds of its bucket, and `high_s` is infinite in the last
    one. A limit inside the bounds cannot be told.
    """

    share: float
    low_s: float
    high_s: float
    n: int

    @property
    def exact(self) -> bool:
        """Whether it is known as one number."""
        return self.low_s == self.high_s

    def over(self, limit_s: float) -> bool | None:
        """Whether it is above a limit; None where its bounds lie on both sides."""
        if self.low_s >= limit_s and not (self.exact and self.low_s == limit_s):
            return True
        return False if self.high_s <= limit_s else None

    @property
    def bounds(self) -> tuple[float, float | None]:
        """Both bounds as rows keep them: an upper one that nobody knows is None."""
        return self.low_s, None if self.high_s == inf else self.high_s

    @property
    def best_s(self) -> float:
        """The middle of the bounds, for plots; the lower one where the upper is infinite."""
        return self.low_s if self.high_s == inf else (self.low_s + self.high_s) / 2


def bounds_of(latency: Iterable[Percentile], shares: Iterable[float]) -> list[float | None]:
    """Lower and upper bound for each of `shares`, one behind the other; None where a share was not told."""
    by_share = {each.share: each.bounds for each in latency}
    return [bound for share in shares for bound in by_share.get(share, (None, None))]
