"""Steady use that no commitment covers."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from upkeep.opportunities.list_prices import EC2
from upkeep.opportunities.prices import Price
from upkeep.opportunities.rule import Outcome, Saving, rule
from upkeep.opportunities.view import View

LISTED = Decimal("0.27")
_MONTH = Decimal(365) / 12


@rule(effort="medium", looks="ledger", late=True)
def uncommitted(view: View) -> Iterator[Outcome]:
    """
    Steady use that no commitment covers.

    What EC2 cost on demand on the cheapest day of those looked at, each of which must be in the ledger, less what other rules
    would save of it. Saved is the discount that the account's own commitments give, by their effective and list cost in these
    days; for an account that has none it is 27 %, as AWS lists it for a year of a compute savings plan without payment in
    advance. Commit to less than that until the other rules are done.
    """
    ours = view.days_of(EC2)
    for currency in sorted({each.currency for each in ours}):
        days: dict[date, Decimal] = defaultdict(Decimal)
        for each in ours:
            if each.currency == currency:
                days[each.day] += each.on_demand
        steady = min(days.values()) * _MONTH - view.claimed.get(f"compute {currency}", Decimal(0))
        if len(days) < view.limits.days or steady <= 0:
            continue
        paid = sum((each.covered for each in ours if each.currency == currency), Decimal(0))
        whole = sum((each.covered_list for each in ours if each.currency == currency), Decimal(0))
        discount, source = (1 - paid / whole, "ledger") if 0 < paid < whole else (LISTED, "list")
        yield _saving(steady, discount, currency, source, len(days))


def _saving(steady: Decimal, discount: Decimal, currency: str, source: str, days: int) -> Saving:
    saved = steady * discount
    told = {"steady_a_month": f"{steady:.2f}", "discount": f"{discount:.4f}", "days": days}
    return Saving(
        resource=f"EC2 ({currency})",
        what="EC2 is used on demand every day, without a commitment",
        price=Price(Decimal(0), saved, saved, currency, source, told),
        remedy="see docs/queries/commitments-coverage.sql, then commit to a part of it that stays, without payment in advance",
        proof="select day, sum(effective_cost) from upkeep.spend_now where commitment_status is null group by day order by day",
        evidence=told,
        confidence="low",
        claims=(f"uncommitted:{currency}",),
    )
