"""Rates by which reports make one total of amounts in several currencies."""

from datetime import date

from pydantic import Field

from upkeep.field_types import Name
from upkeep.targets.cost_rules import Currency, Money
from upkeep.targets.target import Strict


class CurrencyRate(Strict):
    """What one unit of a currency was worth in another on a day, and who says so."""

    day: date = Field(description="Day of the rate; reports take the newest of the last seven days of their window")
    from_currency: Currency = Field(description="Currency that is converted (ISO 4217)")
    to_currency: Currency = Field(description="Currency of totals: the same in every rate")
    rate: Money = Field(description="What one unit of from_currency is worth in to_currency, such as 1.0850")
    source: Name = Field(description="Who says so, such as ECB")


def wrong(rates: tuple[CurrencyRate, ...]) -> str | None:
    """What is wrong with them together, or None."""
    totals = sorted({each.to_currency for each in rates})
    if len(totals) > 1:
        return f"to_currency is {' and '.join(totals)}: reports make their totals in one currency"
    if same := next((each for each in rates if each.from_currency == each.to_currency), None):
        return f"{same.day} has a rate of {same.from_currency} to itself"
    seen: set[tuple[date, str]] = set()
    for each in rates:
        if (each.day, each.from_currency) in seen:
            return f"{each.day} has two rates of {each.from_currency}"
        seen.add((each.day, each.from_currency))
    return None
