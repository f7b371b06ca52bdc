"""What each account cost in each month."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from upkeep.ledger.scope_costs import days_of
from upkeep.sources.rows import Rows


@dataclass(frozen=True, slots=True)
class MonthSpend:
    """One account, currency and month: cost with credits and taxes. `days` is how many days of the account are known."""

    account: str
    currency: str
    month: date
    cost: Decimal
    days: int

    @property
    def whole(self) -> bool:
        """Whether every day is known."""
        return self.days == days_of(self.month)


def month_spend(rows: Rows, first: date, last: date, by: datetime) -> list[MonthSpend]:
    """Every account of the inventory, by month, as known by a moment. Raises BrokenError."""
    return rows(__file__, MonthSpend, {"first": first, "last": last, "known_by": by})
