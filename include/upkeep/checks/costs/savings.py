"""What measures really saved, month by month."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from upkeep.answer import Answer
from upkeep.checks.costs.savings_answer import findings, metrics, summary
from upkeep.duty import check
from upkeep.humanize import money
from upkeep.ledger.known_days import known_days
from upkeep.ledger.measure_taken import Measure
from upkeep.ledger.measures_taken import measures_taken
from upkeep.ledger.savings import Saved, saved
from upkeep.ledger.scope_costs import books, month_costs, months_ago
from upkeep.record import Record
from upkeep.sources.rows import Rows
from upkeep.targets.account import Account
from upkeep.window import Cadence, Window

KNOWN_AFTER = timedelta(days=1)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Saving(Record):
    """One measure in one month, as it is known a day after the window."""

    table: ClassVar[str] = "saving"

    measure: str
    month: date
    currency: str
    state: str
    days_known: int
    days: int
    months_before: int
    normalised_by: str
    cost: Decimal | None
    counterfactual: Decimal | None
    saved: Decimal | None
    low: Decimal | None
    high: Decimal | None
    price: Decimal | None
    discount: Decimal | None
    shared: Decimal | None
    saved_before: Decimal | None
    note: str


@dataclass(frozen=True, slots=True)
class Restated:
    """A month that was restated since the window before."""

    month: date
    sub_account: str
    service: str
    currency: str
    said_on: date
    difference: Decimal
    why: str

    @property
    def text(self) -> str:
        """Such as "August changed by +12.00 EUR on 2026-09-14: Compute of production"."""
        what = f"{self.service} of {self.sub_account}"
        return f"{self.month:%B %Y} changed by {self.difference:+,.2f} {self.currency} on {self.said_on}: {what} ({self.why})"


@check(Cadence.MONTHLY, owner="costs")
def savings(
    account: Account, rows: Rows, window: Window, *, before_months: int = 6, follow_months: int = 12, undone_share: float = 0.25
) -> Answer:
    """
    What measures really saved, month by month.

    Each measure (`upkeep cost measure add`) is followed over whole calendar months, for `follow_months`. What its charges cost is
    set beside what the same usage would have cost at the unit cost of before: the median of up to `before_months` whole months
    before it, and an interval at the lowest and highest of them (after IPMVP's option C: a baseline adjusted to the usage of the
    month; the FinOps Foundation's realised savings). Nothing is said before all days of a month are known. Changes of prices and
    of commitments' discounts are apart, and where several measures are about the same charges each cost is credited once. What
    came out below zero is shown. A measure is undone when a month saved less than `undone_share` of its best, and it had surely
    saved. All months are measured anew from the ledger as it was known a day after the window; what was restated is named.
    """
    month = (window.start + window.length / 2).date().replace(day=1)
    last = month.replace(day=monthrange(month.year, month.month)[1])
    measures = measures_taken(rows, account.name, last)
    if not measures:
        return Answer.judged(f"{account.name} has no measures that were taken by {last}")
    first = months_ago(min(m.taken_on for m in measures).replace(day=1), before_months)
    now, then = window.end + KNOWN_AFTER, window.start + KNOWN_AFTER
    limits = {"before": before_months, "most": follow_months}
    found = _measured(rows, account, measures, first, last, now, limits)
    if not any(each.days_known for each in found) and not known_days(rows, account.name, month, last, now):
        return Answer.unknown(f"the ledger has no costs of {account.name} up to {last}", "see bill_quality of this account")
    past = _measured(rows, account, measures, first, last, then, limits)
    earlier = {(x.measure.name, x.month): x.saved for x in past if x.month < month}
    about = {"account": account.name, "first": first, "last": last, "after": then, "known_by": now}
    restated = rows(__file__, Restated, about)
    records = [_record(each, earlier.get((each.measure.name, each.month)), restated) for each in found]
    return Answer.judged(
        summary(account.name, found, records),
        findings=findings(found, undone_share),
        metrics=metrics(found, month),
        evidence={"restated": [each.text for each in restated[:20]], "measures": len(measures)},
        records=records,
    )


def _measured(
    rows: Rows, account: Account, measures: Sequence[Measure], first: date, last: date, by: datetime, limits: dict[str, int]
) -> list[Saved]:
    costs = month_costs(rows, account.name, first, last, by)
    return saved(measures, books(costs, measures, known_days(rows, account.name, first, last, by)), last.replace(day=1), **limits)


def _record(each: Saved, before: Decimal | None, restated: Sequence[Restated]) -> Saving:
    m, notes = each.measure, each.notes
    if before is not None and each.saved is not None and before != each.saved:
        notes = (*notes, _restated(each, before, each.saved, restated))
    return Saving(
        measure=m.name, month=each.month, currency=m.currency, state=each.state, days_known=each.days_known,
        days=monthrange(each.month.year, each.month.month)[1], months_before=each.months_before, normalised_by=m.basis,
        cost=each.cost, counterfactual=each.counterfactual, saved=each.saved, low=each.low, high=each.high, price=each.price,
        discount=each.discount, shared=each.shared, saved_before=before, note="; ".join(notes),
    )  # fmt: skip


def _restated(each: Saved, before: Decimal, now: Decimal, restated: Sequence[Restated]) -> str:
    named = [x.text for x in restated if x.currency == each.measure.currency][:3]
    why = "; ".join(named) or "days that were not known came"
    return f"restated from {money(before, each.measure.currency)} to {money(now, each.measure.currency)}: {why}"
