"""The bill's rows as a FOCUS 1.2 export has them."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from upkeep.demo.costs.lines import DATABASE, LINES, PRODUCTION, Line

CURRENCY, PAYER = "USD", "210000000010"
CORRECTION = Decimal("412.50")
"""What the provider adds to a closed month, which it corrects later."""
DAY = timedelta(days=1)
_CENT = Decimal("0.0001")
# On demand and contracted prices beside what a commitment costs.
_DEARER = Decimal("1.9")
Row = dict[str, Any]


def month_before(day: date, months: int) -> date:
    """The first of the month, so many months before."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def rows_of(first: date, newest: date, end: date) -> Iterator[Row]:
    """Rows from `first` to the day before `end`, of a bill whose newest day is `newest`: the same ones every time."""
    for number in range((min(end, newest + DAY) - first).days):
        day = first + number * DAY
        for place, line in enumerate(LINES):
            age = (newest - day).days
            chance = random.Random(f"{place} {age}")  # noqa: S311 - noise, not a secret
            cost = line.usual(day) * line.wrong(age) * (1 + chance.gauss(0, line.noise))
            if cost:
                yield _row(line, day, Decimal(str(cost)).quantize(_CENT))


def correction(month: date) -> Row:
    """What the provider corrects in a month that was invoiced."""
    line = Line(DATABASE, "storage, corrected", lambda _day: 0, 0.137, "GB-Months", team=None)
    day = month + 14 * DAY
    return {**_row(line, day, CORRECTION), "ChargeClass": "Correction"}


def _row(line: Line, day: date, cost: Decimal) -> Row:
    month = day.replace(day=1)
    tags = {"environment": "production" if line.account == PRODUCTION else "development"}
    return {
        **_costs(line, cost),
        "BillingAccountId": PAYER,
        "BillingCurrency": CURRENCY,
        "BillingPeriodStart": month,
        "BillingPeriodEnd": month_before(month, -1),
        "ChargeCategory": line.category,
        "ChargeClass": None,
        "ChargeDescription": line.what,
        "ChargePeriodStart": day,
        "ChargePeriodEnd": day + DAY,
        "CommitmentDiscountId": line.commitment,
        "CommitmentDiscountStatus": line.status,
        "InvoiceIssuerName": "Amazon Web Services, Inc.",
        "PricingCategory": "Committed" if line.status else "Standard" if line.category == "Usage" else None,
        "PricingUnit": line.unit if line.category == "Usage" else None,
        "ProviderName": "AWS",
        "RegionId": line.region or None,
        "ServiceName": line.service,
        "SubAccountId": line.account[0],
        "SubAccountName": line.account[1],
        "Tags": {**tags, **({"team": line.team} if line.team else {})},
    }


def _costs(line: Line, cost: Decimal) -> Row:
    """A commitment is billed when it is bought, and costs where it is used; nothing is contracted for what is not used."""
    bought = line.category == "Purchase" and line.commitment is not None
    at_list = cost * _DEARER if line.status == "Used" else Decimal(0) if line.status else cost
    usage = line.category == "Usage"
    return {
        "BilledCost": Decimal(0) if line.status else cost,
        "EffectiveCost": Decimal(0) if bought else cost,
        "ContractedCost": at_list,
        "ListCost": at_list,
        "PricingQuantity": (cost / Decimal(str(line.price))).quantize(_CENT) if usage else None,
    }
