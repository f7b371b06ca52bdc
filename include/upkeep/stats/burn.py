"""
Burn rates: how fast an error budget is spent, judged over a long and a short window at once. Pure arithmetic on counts.

The rules are those of Google's "The site reliability workbook", chapter 5. Counts are exact integers and shares are fractions, so
that a rate that equals its limit is never above it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[Any]

Count = int | None
Kind = Literal["page", "ticket"]
_WIDE = 1 << 62
"""From here on a number may not fit into 64 bits."""


@dataclass(frozen=True, slots=True)
class BurnRule:
    """
    Told while so much is bad that `share` of a period's budget would be spent within `long` minutes.

    The last `short` minutes must be as bad: what is over is not told for the rest of the long window.
    """

    kind: Kind
    share: Fraction
    long: int
    short: int

    def factor(self, period: int) -> Fraction:
        """How many times faster than the budget of `period` minutes allows: 14.4 for 2 % of 30 days in an hour."""
        return self.share * period / self.long


RULES = (
    BurnRule("page", Fraction(2, 100), 60, 5),
    BurnRule("page", Fraction(5, 100), 360, 30),
    BurnRule("ticket", Fraction(10, 100), 1_440, 120),
    BurnRule("ticket", Fraction(10, 100), 4_320, 360),
)
LONGEST = max(rule.long for rule in RULES)


@dataclass(frozen=True)
class Counts:
    """What came in each minute, and how much of it was bad; None in both for a minute that nobody saw."""

    bad: Sequence[Count]
    all: Sequence[Count]

    def above(self, place: int, limit: Fraction) -> bool | None:
        """Whether one minute was worse than a share; None where nobody saw it."""
        bad, every = self.bad[place], self.all[place]
        return None if bad is None or every is None else bad * limit.denominator > every * limit.numerator

    @cached_property
    def sums(self) -> "tuple[Numbers, Numbers, Numbers]":
        """Of the minutes up to each place, from none to all: the bad, all, and how many were seen."""
        return _sums(self.bad), _sums(self.all), _sums([each is not None for each in self.all])


def firing(counts: Counts, rule: BurnRule, limit: Fraction, least_bad: int) -> list[bool]:
    """
    For each minute, whether the rule fires at its end: both windows hold a share of bad above `limit`.

    The long window must hold `least_bad` bad ones, so that a single error of a quiet service wakes nobody. Where less than half
    of a window was seen it tells nothing: nothing begins then, and what fired goes on until a window says that it is over.
    """
    import numpy as np

    long, short = _windows(counts, rule.long, limit), _windows(counts, rule.short, limit)
    fires = long.above & short.above & (long.bad >= least_bad)
    said = long.under | short.under | (long.above & short.above)
    last = np.maximum.accumulate(np.where(said, np.arange(len(said)), -1))
    states: list[bool] = ((last >= 0) & fires[last]).tolist()
    return states


@dataclass(frozen=True, slots=True)
class _Windows:
    """For each minute, the bad of so many minutes up to it, and whether their share is above the limit, is not, or neither."""

    bad: "Numbers"
    above: "Numbers"
    under: "Numbers"


def _windows(counts: Counts, length: int, limit: Fraction) -> _Windows:
    bad, every, seen = (_last(sums, length) for sums in counts.sums)
    most = max(int(counts.sums[0][-1]), int(counts.sums[1][-1])) * max(limit.numerator, limit.denominator)
    if most >= _WIDE:
        bad, every = bad.astype(object), every.astype(object)
    over, known = bad * limit.denominator > every * limit.numerator, 2 * seen >= length
    return _Windows(bad, known & over, known & ~over)


def _last(sums: "Numbers", length: int) -> "Numbers":
    """The sum of the last `length` values at each place; what lies before the first counts as nothing."""
    import numpy as np

    numbers: Numbers = sums[1:] - sums[np.maximum(np.arange(1, len(sums)) - length, 0)]
    return numbers


def _sums(values: Sequence[Count]) -> "Numbers":
    """Sums from none of the values to all of them; of Python's own integers where 64 bits may not hold them."""
    import numpy as np

    sums = list(accumulate((value or 0 for value in values), initial=0))
    return np.array(sums, dtype=object if sums[-1] >= _WIDE else np.int64)
