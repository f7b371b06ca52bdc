"""Openings and closings of known faults of packages over a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from upkeep.reports.section import Section, section
from upkeep.reports.spark import spark
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

_FEWEST = 4  # weeks that are worth a line
_WEEKS = 4


@dataclass(frozen=True, slots=True)
class Week:
    """One week: repositories looked at, of these not judged, and faults open at its end, opened and closed in it."""

    window_end: datetime
    repositories: int
    not_judged: int
    open_faults: int
    opened: int
    closed: int


@section(Cadence.WEEKLY)
def fault_weeks(rows: Rows, window: Window) -> Section | None:
    """A year by week; None while there are only a few weeks, or there was never a fault."""
    weeks = rows(__file__, Week, {"end": window.end})
    judged = [week for week in weeks if week.not_judged < week.repositories]
    opened, closed = sum(week.opened for week in judged), sum(week.closed for week in judged)
    if len(judged) < _FEWEST or not opened:
        return None
    missing = len(weeks) - len(judged)
    unsure = f"; {missing} weeks could not be judged" if missing else ""
    first = f"{judged[0].window_end.astimezone(UTC):%Y-%m-%d}"
    return Section(
        title="Known faults over a year",
        text=f"{opened:,} opened and {closed:,} closed since {first}, {judged[-1].open_faults:,} open{unsure}",
        columns=("faults", f"by {_WEEKS} weeks, oldest first", "first:", "last:"),
        rows=(
            _line("open at the end", [part[-1].open_faults for part in _parts(judged)]),
            _line("opened", [sum(week.opened for week in part) for part in _parts(judged)]),
            _line("closed", [sum(week.closed for week in part) for part in _parts(judged)]),
        ),
    )


def _parts(weeks: Sequence[Week]) -> list[Sequence[Week]]:
    """Whole parts of four weeks that end with the newest; what is left over at the beginning is a shorter one."""
    over = len(weeks) % _WEEKS
    starts = [*([0] if over else []), *range(over, len(weeks), _WEEKS)]
    return [weeks[start:end] for start, end in zip(starts, [*starts[1:], len(weeks)], strict=True)]


def _line(name: str, values: Sequence[int]) -> tuple[str, ...]:
    return (name, spark(values), f"{values[0]:,}", f"{values[-1]:,}")
