"""Percentiles of latency with the bounds between which they really lie."""

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
    def best_s(self) -> float:
        """The middle of the bounds, for plots; the lower one where the upper is infinite."""
        return self.low_s if self.high_s == inf else (self.low_s + self.high_s) / 2
