"""Two shares compared by their counts."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. Raises ValueError for counts that cannot be."""

    hits: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.n or self.n == 0:
            raise ValueError(f"{self.hits} of {self.n} is no share")

    @property
    def value(self) -> float:
        """The share."""
        return self.hits / self.n


@dataclass(frozen=True, slots=True)
class Difference:
    """`after` minus `before`, its interval, and how likely one as large is without any change (two-sided)."""

    value: float
    low: float
    high: float
    p: float


def wilson(share: Share, confidence: float) -> tuple[float, float]:
    """
    The interval of one share: Wilson's score interval without continuity correction.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209-212.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    n, p = share.n, share.value
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def difference(before: Share, after: Share, confidence: float = 0.99) -> Difference:
    """
    Two independent shares: the interval by Newcombe's hybrid score method, p by the pooled z test.

    R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998)
    873-890, method 10; the test is that of the NIST/SEMATECH e-Handbook, section 7.3.3. Requests of one cause fail together, so
    that both are rather too sure: demand a difference that matters as well.
    """
    one, two = before.value, after.value
    low_one, high_one = wilson(before, confidence)
    low_two, high_two = wilson(after, confidence)
    change = two - one
    low = change - sqrt((two - low_two) ** 2 + (high_one - one) ** 2)
    high = change + sqrt((high_two - two) ** 2 + (one - low_one) ** 2)
    return Difference(change, low, high, _p(before, after))


def _p(before: Share, after: Share) -> float:
    pooled = (before.hits + after.hits) / (before.n + after.n)
    spread = sqrt(pooled * (1 - pooled) * (1 / before.n + 1 / after.n))
    if spread == 0:
        return 1.0
    return 2 * (1 - NormalDist().cdf(abs(after.value - before.value) / spread))
