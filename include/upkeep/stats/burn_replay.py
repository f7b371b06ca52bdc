"""Which alerts would have come: the burn rate rules gone through minute by minute, in time that grows with the minutes only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from upkeep.stats.burn import RULES, BurnRule, Counts, Kind, firing

SETTLE = 5
"""An alert that comes again within so many minutes never went."""


@dataclass(frozen=True, slots=True)
class BurnAlert:
    """
    One alert, by places of minutes: at the end of minute `begin` it comes, at the end of `end` it is over; None while it goes on.

    `rule` is the quickest that told it first. `first_bad` is the first bad minute of what it told.
    """

    kind: Kind
    rule: BurnRule
    begin: int
    end: int | None
    first_bad: int


def replay(
    counts: Counts, budget: Fraction, period: int, *, least_bad: int, rules: Sequence[BurnRule] = RULES
) -> list[BurnAlert]:
    """
    Every alert, oldest first. `budget` is the share that may be bad over `period` minutes.

    Rules of one kind make one alert together: two of them that tell the same outage page once.
    """
    states = {rule: firing(counts, rule, budget * rule.factor(period), least_bad) for rule in rules}
    found = []
    for kind in dict.fromkeys(rule.kind for rule in rules):
        mine = [rule for rule in rules if rule.kind == kind]
        for begin, end in _runs([any(each) for each in zip(*(states[rule] for rule in mine), strict=True)]):
            rule = next(rule for rule in mine if states[rule][begin])
            first = _first_bad(counts, begin, rule, budget * rule.factor(period))
            found.append(BurnAlert(kind, rule, begin, end, first))
    return sorted(found, key=lambda alert: alert.begin)


def _runs(states: Sequence[bool]) -> Iterator[tuple[int, int | None]]:
    """Begin and end of each stretch that is on; one that comes again at once is the same."""
    begin = last = None
    for place, on in enumerate(states):
        if on:
            if begin is not None and last is not None and place - last > SETTLE:
                yield begin, last + 1
                begin = None
            begin, last = place if begin is None else begin, place
    if begin is not None and last is not None:
        yield begin, None if last == len(states) - 1 else last + 1


def _first_bad(counts: Counts, begin: int, rule: BurnRule, limit: Fraction) -> int:
    """Backwards from the alert to the first bad minute, until so many good ones as the short window has, or the long one ends."""
    first, good = begin, 0
    for place in range(begin, max(-1, begin - rule.long), -1):
        above = counts.above(place, limit)
        if above:
            first, good = place, 0
        elif above is False:
            good += 1
        if good >= rule.short:
            break
    return first
