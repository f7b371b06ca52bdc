"""How fast known faults of packages are mended, by severity and owner."""

from collections.abc import Sequence
from dataclasses import dataclass

from upkeep.advisories.clock import remediation
from upkeep.humanize import plural
from upkeep.reports.section import Section, section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window


@dataclass(frozen=True, slots=True)
class Line:
    """Faults of one severity and owner: open, overdue, mended within a year, and the days that each of these took."""

    owner: str
    severity: str
    open_faults: int
    overdue: int
    mended: int
    days: Sequence[float] | None


@section(Cadence.WEEKLY, Cadence.MONTHLY)
def fault_times(rows: Rows, window: Window) -> Section | None:
    """Median and 90th percentile of the days to mend; None when there is nothing to say."""
    lines = rows(__file__, Line, {"start": window.start, "end": window.end})
    if not lines:
        return None
    days = [day for line in lines for day in line.days or ()]
    times = remediation(days)
    overdue = sum(line.overdue for line in lines)
    parts = [f"{plural(len(days), 'fault')} mended within a year"]
    parts += [f"half of them within {times[0]:.0f} days, nine in ten within {times[1]:.0f}"] if times else []
    parts += [f"{overdue} overdue"] if overdue else []
    return Section(
        title="How fast known faults are mended",
        text="; ".join(parts),
        columns=("severity", "owner", "open:", "overdue:", "mended:", "median days:", "90 % days:"),
        rows=tuple(_row(line) for line in lines),
    )


def _row(line: Line) -> tuple[str, ...]:
    times = remediation(line.days or ())
    shown = (f"{times[0]:.1f}", f"{times[1]:.1f}") if times else ("", "")
    return (line.severity, line.owner, f"{line.open_faults:,}", f"{line.overdue:,}", f"{line.mended:,}", *shown)
