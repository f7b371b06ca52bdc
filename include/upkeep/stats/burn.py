"""
Burn rates: how fast an error budget is spent, judged over a long and a short window at once. Pure arithmetic on counts.

The rules are those of Google's "The site reliability workbook", chapter 5. Counts are exact integers and shares are fractions, so
that a rate that equals its limit is never above it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Literal

Count = int | None
Kind = Literal["page", "ticket"]


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


@dataclass(frozen=True, slots=True)
class Counts:
    """What came in each minute, and how much of it was bad; None in both for a minute that nobody saw."""

    bad: Sequence[Count]
    all: Sequence[Count]

    def above(self, place: int, limit: Fraction) -> bool | None:
        """Whether one minute was worse than a share; None where nobody saw it."""
        bad, every = self.bad[place], self.all[place]
        return None if bad is None or every is None else bad * limit.denominator > every * limit.numerator


def firing(counts: Counts, rule: BurnRule, limit: Fraction, least_bad: int) -> list[bool]:
    """
    For each minute, whether the rule fires at its end: both windows hold a share of bad above `limit`.

    The long window must hold `least_bad` bad ones, so that a single error of a quiet service wakes nobody. Where less than half
    of a window was seen it tells nothing: nothing begins then, and what fired goes on until a window says that it is over.
    """
    long, short = _windows(counts, rule.long, limit), _windows(counts, rule.short, limit)
    states, on = [], False
    for (bad, long_over), (_, short_over) in zip(long, short, strict=True):
        if long_over is False or short_over is False:
            on = False
        elif long_over and short_over:
            on = bad >= least_bad
        states.append(on)
    return states


def _windows(counts: Counts, length: int, limit: Fraction) -> Iterator[tuple[int, bool | None]]:
    """For each minute, the bad of the `length` minutes up to it, and whether their share is above `limit`."""
    bad, every, seen = (_sums(values, length) for values in (counts.bad, counts.all, [each is not None for each in counts.all]))
    over, under = limit.numerator, limit.denominator
    for b, a, s in zip(bad, every, seen, strict=True):
        yield b, (b * under > a * over if 2 * s >= length else None)


def _sums(values: Sequence[Count], length: int) -> Iterator[int]:
    """The sum of the last `length` values at each place; what lies before the first counts as nothing."""
    sums = list(accumulate((value or 0 for value in values), initial=0))
    return (new - old for new, old in zip(sums[1:], [0] * min(length, len(values)) + sums[1:], strict=False))
