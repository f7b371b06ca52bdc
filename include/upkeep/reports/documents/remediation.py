"""The month's remediation: what was found, what was resolved and how fast, what is overdue."""

from dataclasses import dataclass

from upkeep.humanize import plural
from upkeep.reports.report import Report, report
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

_COLUMNS = ("severity", "open before:", "found:", "resolved:", "open after:", "overdue:", "mean days:", "median days:")


@dataclass(frozen=True, slots=True)
class Line:
    """Findings of one severity. Days are from first found to seen gone, of those resolved in the window, else None."""

    severity: str
    open_before: int
    found: int
    resolved: int
    open_after: int
    overdue: int
    mean_days: float | None
    median_days: float | None

    @property
    def cells(self) -> tuple[str, ...]:
        """The line for people."""
        counts = (self.open_before, self.found, self.resolved, self.open_after, self.overdue)
        return (self.severity, *(f"{n:,}" for n in counts), _days(self.mean_days), _days(self.median_days))


@report(Cadence.MONTHLY)
def remediation(rows: Rows, window: Window) -> Report | None:
    """Findings by severity; None in a month without any."""
    lines = rows(__file__, Line, {"start": window.start, "end": window.end})
    if not any(line.open_before or line.found for line in lines):
        return None
    found, resolved, late = (sum(getattr(line, name) for line in lines) for name in ("found", "resolved", "overdue"))
    text = f"{plural(found, 'finding')} found, {resolved:,} resolved, {late:,} overdue at the end"
    by_severity = Section(title="By severity", text=text, columns=_COLUMNS, rows=tuple(line.cells for line in lines))
    return Report(title=f"Remediation, {window.start:%Y-%m}", headline=text, sections=(by_severity,))


def _days(days: float | None) -> str:
    return "" if days is None else f"{days:.1f}"
