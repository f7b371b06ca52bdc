"""Anomalies of a month, with what was spent on them so far."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from upkeep.humanize import money, plural
from upkeep.reports.cost_review.about import About
from upkeep.reports.one_currency import total
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows

_COLUMNS = ("account", "what", "kind", "since", "days:", "expected:", "came:", "so far:", "at the end")


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One anomaly as it was last said in the window; `open` at its end."""

    account: str
    sub_account: str
    level: str
    part: str
    currency: str
    kind: str
    since: date
    days: int
    expected: Decimal
    came: Decimal
    excess: Decimal
    open: bool

    @property
    def cells(self) -> tuple[str, ...]:
        """The line for people."""
        amounts = (money(amount, self.currency) for amount in (self.expected, self.came, self.excess))
        what = f"{self.sub_account} {self.part}".strip()
        return (self.account, what, self.kind, f"{self.since}", f"{self.days}", *amounts, "open" if self.open else "over")


def anomaly_section(rows: Rows, about: About) -> Section:
    """Every anomaly that was open in the month, the most money first."""
    found = rows(__file__, Anomaly, about.params)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in found:
        sums[each.currency] += each.excess
    so_far = f": {total(sums, about.rates, about.last)} beyond what was expected" if found else ""
    text = plural(len(found), "anomaly", "anomalies") + so_far
    return Section(title="Anomalies", text=text, columns=_COLUMNS if found else (), rows=tuple(x.cells for x in found))
