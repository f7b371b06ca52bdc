"""Measures and what they really saved; what came out below zero stands first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from upkeep.humanize import money, plural
from upkeep.ledger.scope_costs import next_month
from upkeep.reports.cost_review.about import About
from upkeep.reports.one_currency import total
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows

_COLUMNS = (
    "account",
    "measure",
    "taken on",
    "expected a month:",
    "newest month",
    "saved:",
    "interval",
    "in all:",
    "months:",
    "to know",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One measure: its newest month that is measured, all of them together, and the month that is not whole yet."""

    account: str
    measure: str
    taken_on: date
    currency: str
    expected: Decimal | None
    month: date | None
    saved: Decimal | None
    low: Decimal | None
    high: Decimal | None
    in_all: Decimal | None
    months: int
    restated: int
    note: str
    follows: date | None
    days_known: int | None
    days: int | None

    @property
    def cells(self) -> tuple[str, ...]:
        """The line for people."""
        interval = f"{self.low:,.2f} to {self.high:,.2f}" if self.low is not None and self.high is not None else ""
        month = f"{self.month:%Y-%m}" if self.month else ""
        amounts = ["" if x is None else money(x, self.currency) for x in (self.expected, self.saved, self.in_all)]
        known = (amounts[0], month, amounts[1], interval, amounts[2], f"{self.months}")
        return (self.account, self.measure, f"{self.taken_on}", *known, self._to_know)

    @property
    def _to_know(self) -> str:
        follows = f"follows until {next_month(self.follows)}: {self.days_known} of {self.days} days" if self.follows else ""
        return "; ".join(part for part in (follows, self.note) if part)


def measure_section(rows: Rows, about: About) -> Section:
    """Every measure that is followed."""
    found = rows(__file__, Line, about.params)
    return Section(
        title="Measures and savings",
        text=_text(found, about),
        columns=_COLUMNS if found else (),
        rows=tuple(x.cells for x in found),
    )


def _text(found: Sequence[Line], about: About) -> str:
    if not found:
        return "no measure is followed: `upkeep cost measure add` declares one"
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in found:
        if each.in_all is not None:
            sums[each.currency] += each.in_all
    parts = [plural(len(found), "measure")]
    parts += [f"{total(sums, about.rates, about.last)} really saved in whole months"] if sums else ["no whole month yet"]
    negative, restated = sum((x.saved or 0) < 0 for x in found), sum(x.restated for x in found)
    parts += [f"{negative} of them cost more than before"] if negative else []
    parts += [f"{plural(restated, 'month')} restated"] if restated else []
    return ", ".join(parts)
