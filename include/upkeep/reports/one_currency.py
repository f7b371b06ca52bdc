"""Totals in one currency, by declared rates that are said each time; without a rate currencies stay apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from upkeep.humanize import money
from upkeep.sources.rows import Rows

OLDEST = timedelta(days=7)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rate:
    """A declared rate: what one unit of `from_currency` was worth on a day."""

    day: date
    from_currency: str
    to_currency: str
    rate: Decimal
    source: str

    @property
    def text(self) -> str:
        """Such as "at 1.0850 of 2026-10-31, ECB"."""
        places = max(4, -int(self.rate.as_tuple().exponent))
        return f"at {self.rate:.{places}f} of {self.day}, {self.source}"


def rates_until(rows: Rows, day: date) -> list[Rate]:
    """The newest declared rate of each currency up to a day. Raises BrokenError."""
    return rows(__file__, Rate, {"day": day})


def total(amounts: Mapping[str, Decimal], rates: Sequence[Rate], day: date) -> str:
    """
    Amounts by currency as one sentence: a total where a rate of the last seven days is declared for each, else apart and why.

    Such as "14,302.00 USD in all: 1,282.00 USD and 12,000.00 EUR at 1.0850 of 2026-10-31, ECB".
    """
    if len(amounts) <= 1:
        return "".join(money(amount, currency) for currency, amount in amounts.items()) or "nothing"
    by, target = {rate.from_currency: rate for rate in rates}, rates[0].to_currency if rates else None
    missing = [name for name in sorted(amounts) if name != target and not _usable(by.get(name), day)]
    said = " and ".join(money(amounts[name], name) for name in sorted(amounts))
    if target is None:
        return f"{said}, apart: the inventory has no currency_rates up to {day}"
    if missing:
        return f"{said}, apart: {'; '.join(_why(name, target, by.get(name), day) for name in missing)}"
    whole = sum((_converted(amount, by.get(name)) for name, amount in amounts.items()), Decimal(0))
    parts = [money(amounts[name], name) + (f" {by[name].text}" if name != target else "") for name in sorted(amounts)]
    return f"{money(whole, target)} in all: {' and '.join(parts)}"


def _usable(rate: Rate | None, day: date) -> bool:
    return rate is not None and day - rate.day < OLDEST


def _why(name: str, target: str, rate: Rate | None, day: date) -> str:
    newest = f"the newest is of {rate.day}" if rate else "there is none"
    return f"no rate of {name} to {target} is declared for the week up to {day} ({newest})"


def _converted(amount: Decimal, rate: Rate | None) -> Decimal:
    return (amount * rate.rate).quantize(_CENT) if rate else amount
