"""What things cost this account: list prices times the share of them that the account pays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

# Hours of the shortest, the mean and the longest month.
MONTH_HOURS = (Decimal(672), Decimal(730), Decimal(744))
_ONE = Decimal(1)
LIST_CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Service:
    """A service by words that its names hold in bills, in lower case; `committed`: savings plans and reservations cover it."""

    words: tuple[str, ...]
    committed: bool = False

    def is_it(self, name: str) -> bool:
        """Whether a bill's service is this one."""
        return any(word in name.lower() for word in self.words)


@dataclass(frozen=True, slots=True)
class Priced:
    """Something priced by quantity: its list price for each unit."""

    what: str
    service: Service
    list_price: Decimal
    hourly: bool = False


@dataclass(frozen=True, slots=True)
class LedgerDay:
    """
    A day of one service, region and currency in the ledger: effective cost of usage, and its list prices.

    `on_demand` is without spot, `covered` what commitments paid; `on_demand_priced` is what of `on_demand` has a list price.
    """

    day: date
    service: str
    region: str | None
    currency: str
    on_demand: Decimal
    on_demand_priced: Decimal
    on_demand_list: Decimal
    covered: Decimal
    covered_list: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """Money a month as an interval. `source` is ledger or list; `told` says how it was worked out."""

    low: Decimal
    expected: Decimal
    high: Decimal
    currency: str
    source: str
    told: Mapping[str, Any] = field(default_factory=dict)

    def times(self, share: Decimal) -> "Price":
        """A share of it."""
        return Price(self.low * share, self.expected * share, self.high * share, self.currency, self.source, self.told)

    def between(self, low: Decimal, expected: Decimal, high: Decimal) -> "Price":
        """With shares of their own for the ends of the interval."""
        return Price(self.low * low, self.expected * expected, self.high * high, self.currency, self.source, self.told)

    def and_(self, other: "Price") -> "Price":
        """Both together; the weaker source stands. Raises ValueError for two currencies."""
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} are never added")
        source = max(self.source, other.source, key=("ledger", "list").index)
        low, expected, high = self.low + other.low, self.expected + other.expected, self.high + other.high
        return Price(low, expected, high, self.currency, source, {"parts": [dict(self.told), dict(other.told)]})

    def less(self, other: "Price") -> "Price":
        """What is left when the other must be paid for it; at worst the most of that. Raises ValueError for two currencies."""
        return self.and_(Price(-other.high, -other.expected, -other.low, other.currency, other.source, other.told))


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of one account, from days of its ledger."""

    days: Sequence[LedgerDay] = ()

    def monthly(self, priced: Priced, quantity: Decimal, region: str) -> Price:
        """What so much of it costs a month. What commitments cover is paid anyway: it is no part of what can be saved."""
        units = [quantity * hours for hours in MONTH_HOURS] if priced.hourly else [quantity] * 3
        share = self._share(priced.service, region)
        low, expected, high = (priced.list_price * each for each in units)
        told: dict[str, Any] = {"list_price": str(priced.list_price), "of": priced.what, "list_prices_of": "us-east-1"}
        if share is None:
            return Price(low, expected, high, LIST_CURRENCY, "list", told)
        told = {**told, "paid_share": str(share[1]), "days": share[3]}
        return Price(low * share[0], expected * share[1], high * share[2], LIST_CURRENCY, "ledger", told)

    def _share(self, service: Service, region: str) -> tuple[Decimal, Decimal, Decimal, int] | None:
        """Which share of list prices is paid and could be saved: on the worst day, on average, without commitments; and days."""
        named = [each for each in self.days if service.is_it(each.service)]
        ours = [each for each in named if each.region == region] or named
        list_cost = sum((each.on_demand_list for each in ours), Decimal(0))
        if list_cost <= 0:
            return None
        paid = sum((each.on_demand_priced for each in ours), Decimal(0)) / list_cost
        expected = paid * (_ONE - _covered(ours, service))
        daily = [share for day in _by_day(ours) if (share := _day_share(day, service)) is not None]
        return min(*daily, expected, paid), expected, max(paid, expected), len({each.day for each in ours})


def _covered(days: Iterable[LedgerDay], service: Service) -> Decimal:
    every = list(days) if service.committed else []
    covered = sum((each.covered_list for each in every), Decimal(0))
    whole = covered + sum((each.on_demand_list for each in every), Decimal(0))
    return covered / whole if whole > 0 else Decimal(0)


def _by_day(days: Iterable[LedgerDay]) -> list[list[LedgerDay]]:
    found: dict[date, list[LedgerDay]] = {}
    for each in days:
        found.setdefault(each.day, []).append(each)
    return list(found.values())


def _day_share(day: Sequence[LedgerDay], service: Service) -> Decimal | None:
    list_cost = sum((each.on_demand_list for each in day), Decimal(0))
    if list_cost <= 0:
        return None
    return sum((each.on_demand_priced for each in day), Decimal(0)) / list_cost * (_ONE - _covered(day, service))
