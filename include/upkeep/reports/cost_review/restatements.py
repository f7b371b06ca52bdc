"""Closed months that changed."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from upkeep.humanize import money, plural
from upkeep.reports.cost_review.about import About
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows

_COLUMNS = ("account", "month", "where", "service", "difference:", "said on", "why")


@dataclass(frozen=True, slots=True)
class Restated:
    """One service of a closed month that changed."""

    account: str
    month: date
    sub_account: str
    service: str
    currency: str
    said_on: date
    difference: Decimal
    why: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The line for people."""
        difference = money(self.difference, self.currency)
        return (self.account, f"{self.month:%Y-%m}", self.sub_account, self.service, difference, f"{self.said_on}", self.why)


def restatement_section(rows: Rows, about: About) -> Section:
    """Every one that was said since the last review, the largest first."""
    found = rows(__file__, Restated, about.params)
    sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for each in found:
        sums[each.month, each.currency] += each.difference
    text = "; ".join(f"{month:%B %Y} changed by {amount:+,.2f} {currency}" for (month, currency), amount in sorted(sums.items()))
    return Section(
        title="Restatements", text=text or f"{plural(0, 'closed month')} changed", columns=_COLUMNS if found else (),
        rows=tuple(x.cells for x in found),
    )  # fmt: skip
