"""Monthly costs by all that a measure can be about, and which measures claim them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from upkeep.ledger.measure_taken import Measure
from upkeep.sources.rows import Rows

Claim = frozenset[str]


@dataclass(frozen=True, slots=True)
class MonthCost:
    """
    One month of like charges. `contracted` is the cost at agreed prices, before discounts of commitments.

    Both it and `quantity` count only where they are told for every charge, and leave out what a commitment paid for nothing.
    """

    month: date
    sub_account: str
    service: str
    region: str | None
    tags: Mapping[str, str]
    currency: str
    unit: str | None
    cost: Decimal
    contracted: Decimal
    contracted_told: bool
    quantity: Decimal
    quantity_told: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class Books:
    """The costs of an account as they were known at a moment: by claiming measures, and the months that are known whole."""

    pools: Mapping[tuple[Claim, str], tuple[MonthCost, ...]]
    whole: frozenset[date]
    known_days: Mapping[date, int]

    def of(self, measure: Measure) -> list[Claim]:
        """The claims in which a measure has a part."""
        return [claim for claim, currency in self.pools if measure.name in claim and currency == measure.currency]

    def unclaimed(self, currency: str) -> Sequence[MonthCost]:
        """Costs that no measure is about."""
        return self.pools.get((frozenset(), currency), ())

    def every(self, currency: str) -> list[MonthCost]:
        """All costs in a currency."""
        return [cost for (_, theirs), costs in self.pools.items() if theirs == currency for cost in costs]


def month_costs(rows: Rows, account: str, first: date, last: date, by: datetime) -> list[MonthCost]:
    """Costs from one day to another, both included, as known by a moment. Raises BrokenError."""
    return rows(__file__, MonthCost, {"account": account, "first": first, "last": last, "known_by": by})


def books(costs: Iterable[MonthCost], measures: Sequence[Measure], known_days: Mapping[date, int]) -> Books:
    """Costs put together by the measures that are about them."""
    pools: dict[tuple[Claim, str], list[MonthCost]] = defaultdict(list)
    for cost in costs:
        about = (cost.sub_account, cost.service, cost.region, cost.tags, cost.currency)
        pools[frozenset(m.name for m in measures if m.covers(*about)), cost.currency].append(cost)
    whole = frozenset(month for month, days in known_days.items() if days == days_of(month))
    return Books({key: tuple(_alike(found)) for key, found in pools.items()}, whole, known_days)


def _alike(costs: Sequence[MonthCost]) -> Iterator[MonthCost]:
    """Once it is known who claims them, charges differ by month, service and unit alone: each of these once."""
    found: dict[tuple[date, str, str | None], list[MonthCost]] = defaultdict(list)
    for cost in costs:
        found[cost.month, cost.service, cost.unit].append(cost)
    for same in found.values():
        sums = {name: sum((getattr(each, name) for each in same), Decimal(0)) for name in ("cost", "contracted", "quantity")}
        told = {name: all(getattr(each, name) for each in same) for name in ("contracted_told", "quantity_told")}
        merged: dict[str, Any] = {**sums, **told, "provisional": any(each.provisional for each in same)}
        yield replace(same[0], **merged)


def days_of(month: date) -> int:
    """How many days a month has."""
    return (next_month(month) - month).days


def next_month(day: date) -> date:
    """First day of the month after that of a day."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def months_ago(month: date, count: int) -> date:
    """First day of an earlier month."""
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)
