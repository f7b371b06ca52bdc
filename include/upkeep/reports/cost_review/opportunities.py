"""What could be saved, by money."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from upkeep.humanize import money, plural
from upkeep.reports.cost_review.about import About
from upkeep.reports.one_currency import total
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows

_COLUMNS = ("account", "rule", "resource", "region", "a month:", "at least:", "at most:", "sure", "effort")
MOST = 30


@dataclass(frozen=True, slots=True)
class Opportunity:
    """One opportunity; amounts are money a month."""

    account: str
    rule: str
    region: str
    resource: str
    name: str | None
    low: Decimal
    expected: Decimal
    high: Decimal
    currency: str
    confidence: str
    effort: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The line for people."""
        resource = f"{self.resource} ({self.name})" if self.name else self.resource
        amounts = (money(amount, self.currency) for amount in (self.expected, self.low, self.high))
        return (self.account, self.rule, resource, self.region, *amounts, self.confidence, self.effort)


def opportunity_section(rows: Rows, about: About) -> Section:
    """The largest first, and what all of them come to."""
    found = rows(__file__, Opportunity, about.params)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in found:
        sums[each.currency] += each.expected
    text = plural(len(found), "opportunity", "opportunities")
    text += f": {total(sums, about.rates, about.last)} a month" if found else ""
    return Section(title="Opportunities", text=text, columns=_COLUMNS if found else (), rows=tuple(x.cells for x in found[:MOST]))
