"""What the month comes to, beside its budgets."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from upkeep.humanize import money, plural
from upkeep.reports.cost_review.about import About
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows

_COLUMNS = ("account", "budget", "amount:", "spent:", "up to", "the month comes to:", "between")


@dataclass(frozen=True, slots=True)
class Line:
    """One budget as it was last foretold; bounds are None where the past is too short."""

    account: str
    budget: str
    currency: str
    amount: Decimal
    spent: Decimal
    last_day: date
    low: Decimal | None
    middle: Decimal | None
    high: Decimal | None

    @property
    def over(self) -> bool:
        """Whether the month comes to more than its budget."""
        return (self.spent if self.middle is None else self.middle) > self.amount

    @property
    def cells(self) -> tuple[str, ...]:
        """The line for people."""
        middle = money(self.middle, self.currency) if self.middle is not None else "not known yet"
        between = f"{self.low:,.2f} to {self.high:,.2f}" if self.low is not None else ""
        amounts = (money(self.amount, self.currency), money(self.spent, self.currency))
        return (self.account, self.budget, *amounts, f"{self.last_day}", middle, between)


def month_end_section(rows: Rows, about: About) -> Section | None:
    """Every budget of the window's month; None where the inventory has none."""
    found = rows(__file__, Line, about.params)
    if not found:
        return None
    over = sum(each.over for each in found)
    text = f"{about.asked:%B %Y}: {over} of {plural(len(found), 'budget')} {'is' if over == 1 else 'are'} spent or will be"
    return Section(title="Forecast of the month", text=text, columns=_COLUMNS, rows=tuple(x.cells for x in found))
