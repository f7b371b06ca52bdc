"""
What charges would have cost without a measure: the usage of a month at the unit cost of the months before.

This is the normalised baseline of the International Performance Measurement and Verification Protocol (IPMVP, option C, whole
facility: saving = baseline adjusted to the conditions of the reporting period - cost of the reporting period), with usage as the
only condition; the FinOps Foundation calls the difference realised savings, or cost avoidance where spend as such did not fall.
Unit costs are medians of whole months, so that one odd month moves nothing. Pure.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from upkeep.humanize import money
from upkeep.ledger.measure_taken import DAYS, OTHER_SPEND, Measure
from upkeep.ledger.scope_costs import Books, MonthCost, days_of

_EXACT = Decimal("0.000001")
_HALF = Decimal("0.5")
NONE = Decimal(0)
Usage = Callable[[date], Decimal]
Group = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Priced:
    """
    One month of some charges beside what they would have cost. All in one currency.

    `expected` is the usage at the unit cost of before, `low` and `high` at the lowest and highest of those months (`months` of
    them); `repriced` the same at the prices of now, `undiscounted` the cost at the discount of before. What is new, and has
    nothing to be compared with, stands in all of them as it cost.
    """

    cost: Decimal
    expected: Decimal
    low: Decimal
    high: Decimal
    repriced: Decimal
    undiscounted: Decimal
    months: int
    notes: tuple[str, ...] = ()

    def __add__(self, other: "Priced") -> "Priced":
        """Both together: as well known as the worse."""
        names = ("cost", "expected", "low", "high", "repriced", "undiscounted")
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        known = [each.months for each in (self, other) if each.months]
        return Priced(**sums, months=min(known, default=0), notes=tuple(dict.fromkeys(self.notes + other.notes)))


def as_it_cost(cost: Decimal, *notes: str) -> Priced:
    """Charges that nothing is said of."""
    return Priced(cost, cost, cost, cost, cost, cost, 0, notes)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which month is set beside which whole months before it."""

    measure: Measure
    month: date
    before: tuple[date, ...]
    books: Books

    def priced(self, costs: Sequence[MonthCost]) -> Priced | None:
        """What these charges would have cost; None where nothing of them can be told."""
        parts = [part for group, ours in self._groups(costs).items() if (part := self._part(group, ours))]
        if not any(part.months for part in parts):
            return None
        total = parts[0]
        for part in parts[1:]:
            total += part
        return total

    def _groups(self, costs: Sequence[MonthCost]) -> Mapping[Group, Sequence[MonthCost]]:
        """Charges that have one usage: by service and unit, or all together where something else drives them."""
        if self.measure.normalised_by:
            return {("", self.measure.normalised_by): costs}
        untold = {(c.service, c.unit) for c in costs if not c.quantity_told}
        found: dict[Group, list[MonthCost]] = defaultdict(list)
        for cost in costs:
            found[cost.service, None if (cost.service, cost.unit) in untold else cost.unit].append(cost)
        return found

    def _part(self, group: Group, costs: Sequence[MonthCost]) -> Priced | None:
        now = _sum(costs, self.month)
        usage = self._usage(group, costs)
        before = [month for month in self.before if usage(month) > 0]
        if not before:
            return as_it_cost(now, *self._new(group, now)) if now else None
        used = usage(self.month)
        prices = [_sum(costs, month) / usage(month) for month in before]
        if not now and not any(prices):
            return None
        expected, low, high = ((used * price).quantize(_EXACT) for price in (median(prices), min(prices), max(prices)))
        change = self._price_change(group, before)
        undiscounted, told = _undiscounted(costs, self.month, before)
        notes = (*self._notes(group, usage, before), *_price_notes(group, change, costs, self.month, told=told))
        repriced = (expected * change).quantize(_EXACT)
        return Priced(now, expected, low, high, repriced, undiscounted, len(before), notes)

    def _usage(self, group: Group, costs: Sequence[MonthCost]) -> Usage:
        by, service = group[1], self.measure.driver_service
        if by == DAYS:
            return lambda month: Decimal(days_of(month))
        if by is None or by == OTHER_SPEND:
            others = self.books.unclaimed(self.measure.currency)
            return lambda month: _sum(others, month)
        driving = costs if not service else [c for c in self.books.every(self.measure.currency) if c.service == service]
        counted = [c for c in driving if c.unit == by and c.quantity_told]
        return lambda month: sum((c.quantity for c in counted if c.month == month), NONE)

    def _price_change(self, group: Group, before: Sequence[date]) -> Decimal:
        """By what like charges outside every measure became dearer or cheaper, beyond how they vary; 1 where nothing tells."""
        if self.measure.normalised_by or group[1] is None or len(before) == 1:
            return Decimal(1)
        ours = [c for c in self.books.unclaimed(self.measure.currency) if (c.service, c.unit) == group and c.quantity_told]
        prices = {month: _unit_price(ours, month) for month in (*before, self.month)}
        if not all(prices.values()):
            return Decimal(1)
        past = [prices[month] for month in before]
        now = prices[self.month]
        return Decimal(1) if min(past) <= now <= max(past) else now / median(past)

    def _notes(self, group: Group, usage: Usage, before: Sequence[date]) -> Iterator[str]:
        if group[1] is None:
            yield f"no usage is told of {group[0]}: set against the account's other spend"
        if len(before) == 1:
            yield "only one whole month before it is known: no interval"
        used, usual = usage(self.month), median([usage(month) for month in before])
        if not self.measure.normalised_by and group[1] is not None and used < usual * _HALF:
            fell = "nothing" if not used else f"{used / usual:.0%} of before"
            yield (
                f"{fell} was used of {group[0]} ({group[1]}), and what was not used is no part of the saving: "
                'a measure that means to use less is set against a driver, "other spend" or "days"'
            )

    def _new(self, group: Group, now: Decimal) -> Iterator[str]:
        what = f"{group[0]} ({group[1]})" if group[0] and group[1] else group[0] or f"the driver {self.measure.basis}"
        yield f"{what} has no usage in the whole months before it: {money(now, self.measure.currency)} are left out"


def _price_notes(group: Group, change: Decimal, costs: Sequence[MonthCost], month: date, *, told: bool) -> Iterator[str]:
    if change != 1:
        yield f"prices of {group[0]} outside every measure changed by {change - 1:+.1%}: that is apart"
    if not told:
        yield "contracted cost is not told: changes of discounts are part of it"
    if any(c.provisional for c in costs if c.month == month):
        yield "in part an estimate of the provider"


def _undiscounted(costs: Sequence[MonthCost], month: date, before: Sequence[date]) -> tuple[Decimal, bool]:
    """The month's cost at the discount of before, and whether the source tells enough for that."""
    looked_at = [c for c in costs if c.month in before or c.month == month]
    contracted = [sum((c.contracted for c in costs if c.month == each), NONE) for each in before]
    now = _sum(costs, month)
    if not all(c.contracted_told for c in looked_at) or not all(amount > 0 for amount in contracted):
        return now, False
    discount = median([_sum(costs, each) / amount for each, amount in zip(before, contracted, strict=True)])
    return (sum((c.contracted for c in costs if c.month == month), NONE) * discount).quantize(_EXACT), True


def _unit_price(costs: Sequence[MonthCost], month: date) -> Decimal:
    """Before discounts where that is told; 0 where nothing was used."""
    ours = [c for c in costs if c.month == month]
    used = sum((c.quantity for c in ours), NONE)
    paid = sum((c.contracted if c.contracted_told else c.cost for c in ours), NONE)
    return paid / used if used > 0 else NONE


def _sum(costs: Sequence[MonthCost], month: date) -> Decimal:
    return sum((c.cost for c in costs if c.month == month), NONE)
