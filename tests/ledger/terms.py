"""Commitments over a whole term, as the FOCUS specification has their rows: purchases, hours used and unused, and use beyond."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.ledger.world import charge

BEGINS, DAYS = date(2025, 10, 1), 365
HOURS = DAYS * 24


@dataclass(frozen=True)
class Term:
    """One year of a commitment; `used` of the 24 hours of each day, and `beyond` so many more hours at the list price."""

    paid: str
    used: int
    rate: Decimal = Decimal("51.14")
    listed: Decimal = Decimal("76.71")
    negotiated: Decimal = Decimal("76.71")
    beyond: int = 0

    @property
    def id(self) -> str:
        """Its CommitmentDiscountId."""
        return f"plan {self.paid} {self.used} of 24"

    @property
    def price(self) -> Decimal:
        """What it costs in all."""
        return self.rate * HOURS

    def rows(self) -> Iterator[dict[str, Any]]:
        """All rows of the term."""
        yield from self._purchases()
        for day in (BEGINS + timedelta(days=n) for n in range(DAYS)):
            yield from self._day(day)

    def _purchases(self) -> Iterator[dict[str, Any]]:
        share = {"all": Decimal(1), "partial": Decimal("0.5"), "none": Decimal(0)}[self.paid]
        if share:
            yield self._purchase(BEGINS, share * self.price)
        for n in range(12 if share < 1 else 0):
            month = date(BEGINS.year + (BEGINS.month + n - 1) // 12, (BEGINS.month + n - 1) % 12 + 1, 1)
            yield self._purchase(month, (1 - share) * self.rate * 24 * monthrange(month.year, month.month)[1])

    def _purchase(self, day: date, cost: Decimal) -> dict[str, Any]:
        return charge(
            day,
            str(cost),
            ChargeCategory="Purchase",
            EffectiveCost="0",
            CommitmentDiscountId=self.id,
            PricingCategory="Committed",
            PricingUnit="USD",
        )

    def _day(self, day: date) -> Iterator[dict[str, Any]]:
        ours = {"CommitmentDiscountId": self.id, "PricingCategory": "Committed"}
        if self.used:
            prices = {**self._prices(self.used), "EffectiveCost": str(self.rate * self.used)}
            yield charge(day, "0", CommitmentDiscountStatus="Used", **prices, **ours)
        if self.used < 24:
            unused = {"EffectiveCost": str(self.rate * (24 - self.used)), "ListCost": None, "ContractedCost": None}
            yield charge(day, "0", CommitmentDiscountStatus="Unused", **unused, **ours)
        if self.beyond:
            prices = self._prices(self.beyond)
            yield charge(day, prices["ContractedCost"], ServiceName="Beyond", PricingCategory="Standard", **prices)

    def _prices(self, hours: int) -> dict[str, str]:
        """The same hours at other prices."""
        names = {"ListCost": self.listed, "ContractedCost": self.negotiated}
        return {"PricingQuantity": str(hours), **{name: str(price * hours) for name, price in names.items()}}
