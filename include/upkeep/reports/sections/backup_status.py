"""The week's backups: how many, how large, how long, against the week before, and the days without one."""

from dataclasses import dataclass
from datetime import datetime

from upkeep.humanize import plural, size, span
from upkeep.reports.section import Section, section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

_COLUMNS = (
    "database",
    "complete:",
    "failed:",
    "days without:",
    "mean size:",
    "change:",
    "mean time:",
    "change:",
    "newest",
    "proven",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One database. Sizes in bytes and times in seconds are means over the window's complete backups, and over those before."""

    target: str
    complete: int
    failed: int
    days_without: int
    stored_bytes: float | None
    stored_bytes_before: float | None
    seconds: float | None
    seconds_before: float | None
    newest_at: datetime | None
    proven_at: datetime | None

    @property
    def cells(self) -> tuple[str, ...]:
        """The line for people."""
        return (
            self.target,
            f"{self.complete:,}",
            f"{self.failed:,}",
            f"{self.days_without:,}",
            size(self.stored_bytes) if self.stored_bytes is not None else "",
            _change(self.stored_bytes, self.stored_bytes_before),
            span(self.seconds) if self.seconds is not None else "",
            _change(self.seconds, self.seconds_before),
            f"{self.newest_at:%Y-%m-%d}" if self.newest_at else "none",
            f"{self.proven_at:%Y-%m-%d}" if self.proven_at else "never",
        )


@section(Cadence.WEEKLY)
def backup_status(rows: Rows, window: Window) -> Section | None:
    """The databases that Upkeep backs up; None when there are none."""
    lines = rows(__file__, Line, {"start": window.start, "end": window.end})
    if not lines:
        return None
    return Section(title="Backups of the week", text=_text(lines), columns=_COLUMNS, rows=tuple(line.cells for line in lines))


def _text(lines: list[Line]) -> str:
    complete, failed = sum(line.complete for line in lines), sum(line.failed for line in lines)
    text = f"{plural(complete, 'complete backup')} of {plural(len(lines), 'database')}"
    text += f", {failed:,} failed" if failed else ""
    gaps = [f"{line.target} ({plural(line.days_without, 'day')})" for line in lines if line.days_without]
    text += f"; days without one: {', '.join(gaps)}" if gaps else "; no day without one"
    never = [line.target for line in lines if line.proven_at is None]
    return text + (f"; never proven by a restore: {', '.join(never)}" if never else "")


def _change(now: float | None, before: float | None) -> str:
    """By how much it differs from the window before, or nothing."""
    return f"{now / before - 1:+.0%}".replace("%", " %") if now is not None and before else ""
