"""Costs that nobody owns: the share without a tag."""

from dataclasses import dataclass
from decimal import Decimal

from upkeep.humanize import money
from upkeep.reports.cost_review.about import About
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows

_COLUMNS = ("account", "tag", "without it:", "of:", "share:", "days:")


@dataclass(frozen=True, slots=True)
class Line:
    """One declared tag of an account over the days of the month that were judged."""

    account: str
    tag: str
    currency: str
    without_tag: float
    whole: float
    days: int

    @property
    def share(self) -> float:
        """Part without the tag."""
        return self.without_tag / self.whole if self.whole else 0.0

    @property
    def cells(self) -> tuple[str, ...]:
        """The line for people."""
        amounts = (money(Decimal(str(round(x, 2))), self.currency) for x in (self.without_tag, self.whole))
        return (self.account, self.tag, *amounts, f"{self.share:.1%}".replace("%", " %"), f"{self.days}")


def unallocated_section(rows: Rows, about: About) -> Section | None:
    """Every declared tag, the most money first; None where no tags are declared."""
    found = rows(__file__, Line, about.params)
    if not found:
        return None
    worst = max(found, key=lambda x: x.share)
    text = f"at most {worst.share:.0%} of an account has no value of a declared tag: {worst.tag} of {worst.account}"
    return Section(title="Unallocated", text=text.replace("%", " %"), columns=_COLUMNS, rows=tuple(x.cells for x in found))
