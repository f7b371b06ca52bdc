"""What waits for people, what they missed, and what nobody could answer since it was never asked."""

from dataclasses import dataclass
from datetime import UTC, datetime

from upkeep.humanize import plural
from upkeep.reports.section import Section, section
from upkeep.sources.rows import Rows
from upkeep.window import Window

_PAUSED = "their DAGs open_decisions and decisions may be paused"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One decision as it stood when the window ended. `asked` is false when no run had shown it to anybody."""

    subject: str
    target: str
    due_at: datetime
    asked: bool
    missed: bool

    @property
    def state(self) -> str:
        """In words."""
        if self.missed:
            return "missed: nothing was approved"
        return "waits for people" if self.asked else "not asked yet"


@section()
def decisions(rows: Rows, window: Window) -> Section | None:
    """Open and missed decisions; None when there are none."""
    found = rows(__file__, Waiting, {"start": window.start, "end": window.end})
    if not found:
        return None
    return Section(
        title="Decisions",
        text=_summary(found),
        columns=("question", "target", "due", "state"),
        rows=tuple((w.subject, w.target, f"{w.due_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC", w.state) for w in found),
    )


def _summary(found: list[Waiting]) -> str:
    missed, unasked = sum(w.missed for w in found), sum(not w.asked and not w.missed for w in found)
    parts = [
        plural(len(found) - missed, "decision waits", "decisions wait") + " for people" if len(found) > missed else "",
        f"{unasked:,} not asked yet, {_PAUSED}" if unasked else "",
        f"{plural(missed, 'decision')} missed: nobody answered, and nothing was approved" if missed else "",
    ]
    return "; ".join(part for part in parts if part)
