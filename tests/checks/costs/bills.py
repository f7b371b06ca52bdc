"""Bills made for tests: series given by hand, and the same as rows of the ledger."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from upkeep.ledger.series import Series, SpendDay
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg

FIRST = date(2026, 1, 5)
DAY = timedelta(days=1)
_DELIVERY = (
    "insert into upkeep.spend_delivery (account, what, said_at, source_rows) values (%s, 'made', '2026-01-01', 0) returning id"
)
_ENTRY = """
    insert into upkeep.spend (
        account, day, key, version, billing_period, provider, billing_account, sub_account, service, category, tags, unit,
        currency, billed_cost, effective_cost, quantity, source_rows, delivery, said_at
    )
    values (%s, %s, %s, 1, date_trunc('month', %s), 'aws', 'payer', %s, %s, %s, %s, %s, %s, %s, %s, %s, 1, %s, '2026-01-01')
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What one service cost on each day, None for a day of which the bill has nothing; with the quantity of each, if any."""

    costs: Sequence[float | str | None]
    service: str = "compute"
    account: str = "production"
    tags: Mapping[str, str] | None = None
    currency: str = "USD"
    quantities: Sequence[float] | None = None
    unit: str = "hours"

    def series(self) -> Series:
        """As the ledger gives it."""
        found = tuple(self._day(n, cost) for n, cost in enumerate(self.costs) if cost is not None)
        return Series(self.account, self.service, self.tags or {}, self.currency, found)

    def _day(self, n: int, cost: float | str) -> SpendDay:
        money = exact(cost)
        quantity = exact(self.quantities[n]) if self.quantities else None
        units = [self.unit] if self.quantities else []
        return SpendDay(
            self.account,
            self.service,
            self.tags or {},
            self.currency,
            FIRST + n * DAY,
            money,
            money,
            quantity,
            units,
            provisional=False,
        )


def exact(cost: float | str) -> Decimal:
    """A float as the amount that it shows."""
    return Decimal(str(cost))


def noise(n: int, middle: Callable[[int], float] = lambda _day: 100, share: float = 0.03, seed: str = "bill") -> list[float]:
    """A cost a day, with noise."""
    chance = random.Random(seed)  # noqa: S311 - noise, not a secret
    return [round(middle(day) * (1 + chance.gauss(0, share)), 2) for day in range(n)]


def weekly(day: int) -> float:
    """Higher from Monday to Friday."""
    return 100 if day % 7 < 5 else 60


def stepped(n: int, begin: int, factor: float, **more: Any) -> list[float]:
    """Noise that is `factor` times as high from a day on."""
    return [round(cost * (factor if day >= begin else 1), 2) for day, cost in enumerate(noise(n, **more))]


def window_of(n: int) -> Window:
    """The daily window of the day of this number."""
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) + n * DAY
    return Window(start, start + DAY)


def put(connection: "psycopg.Connection[Any]", lines: Sequence[Line], account: str = "lab", category: str = "Usage") -> None:
    """Store lines as one delivery, said as soon as the last day of each was over."""
    from psycopg.types.json import Jsonb

    row = connection.execute(_DELIVERY, (account,)).fetchone()
    assert row
    for line in lines:
        for day in line.series().days:
            values = (
                account, day.day, uuid4(), day.day, day.sub_account, day.service, category, Jsonb(dict(day.tags)),
                day.units[0] if day.units else None, day.currency, day.net, day.net, day.quantity, row[0],
            )  # fmt: skip
            connection.execute(_ENTRY, values)
