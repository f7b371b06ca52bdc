"""The decisions to take."""

from dataclasses import dataclass
from datetime import datetime

from upkeep.humanize import plural
from upkeep.reports.cost_review.about import About
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows

_COLUMNS = ("account", "question", "state", "due", "work decided:")


@dataclass(frozen=True, slots=True)
class Line:
    """One question to people, with how much work was decided in answer to it."""

    account: str
    subject: str
    status: str
    outcome: str | None
    due_at: datetime
    items: int

    @property
    def cells(self) -> tuple[str, ...]:
        """The line for people."""
        state = f"{self.status}, {self.outcome}" if self.outcome else self.status
        return (self.account, self.subject, state, f"{self.due_at:%Y-%m-%d}", f"{self.items}")


def asked_section(rows: Rows, about: About) -> Section:
    """What waits for the owners of accounts, and what they decided; signed in Airflow, on the page Decisions."""
    found = rows(__file__, Line, about.params)
    waiting = sum(each.status == "open" for each in found)
    text = f"{plural(waiting, 'decision')} to take" + (": page Decisions" if waiting else "")
    return Section(title="Decisions to take", text=text, columns=_COLUMNS if found else (), rows=tuple(x.cells for x in found))
