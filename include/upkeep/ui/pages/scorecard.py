"""Scorecard: the targets of the whole system over a window, with thirteen windows before it and what each is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import tzinfo
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.reports.scorecard import WINDOWS, Measured
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Snapshot, Word, moment
from upkeep.ui.render import show
from upkeep.ui.sparkline import Sparkline, sparkline
from upkeep.window import Cadence, Window

router = APIRouter()
NAVIGATION = Entry("scorecard", "Scorecard", place=15, templates=("scorecard",))
CADENCES = tuple(cadence.value for cadence in Cadence if cadence.has_past and cadence is not Cadence.YEARLY)
_PAGES = {"golden_signals": "services", "vulnerabilities": "dependencies"}
_FIELDS = tuple(field.name for field in fields(Measured))


@dataclass(frozen=True, slots=True)
class Line:
    """A target in the newest window, with the windows before it as a small plot."""

    now: Measured
    trend: Sparkline | None
    page: str
    known: int


@router.get("/scorecard", response_class=HTMLResponse)
def scorecard(request: Request, rows: Snapshot, cadence: Word = None, *, trend: bool = False) -> HTMLResponse:
    """The newest whole window of a cadence; with `trend` those before it too, which the page itself asks for when it is there."""
    chosen = Cadence(cadence) if cadence in CADENCES else Cadence.WEEKLY
    windows = _windows(chosen, request.app.state.zone())[0 if trend else -1 :]
    measured = _measured(rows, windows)
    count = len(measured) // len(windows)
    lines = [_line(measured[place::count]) for place in range(count)]
    return show(
        request, "scorecard", lines=lines, window=windows[-1], cadence=chosen.value, cadences=CADENCES,
        usual=Cadence.WEEKLY.value, windows=WINDOWS, trend=trend,
        states={state: sum(line.now.state == state for line in lines) for state in ("met", "missed", "unknown")},
        known=set(rows.one("choices").duties), made_up=rows.one("made_up").until,
    )  # fmt: skip


def newest(rows: Snapshot, zone: tzinfo) -> tuple[Window, list[Measured]]:
    """The last whole week and its targets, for the overview."""
    window = _windows(Cadence.WEEKLY, zone)[-1]
    return window, _measured(rows, [window])


def _measured(rows: Snapshot, windows: Sequence[Window]) -> list[Measured]:
    found = rows("scorecard", starts=[each.start for each in windows], ends=[each.end for each in windows])
    return [Measured(**{name: getattr(row, name) for name in _FIELDS}) for row in found]


def _windows(cadence: Cadence, zone: tzinfo) -> list[Window]:
    """The last whole window and those before it, by the calendar, the oldest first."""
    named = zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC")
    found = [cadence.last_full(moment(), named)]
    while len(found) < WINDOWS:
        found.insert(0, cadence.last_full(found[0].start, named))
    return found


def _line(windows: Sequence[Measured]) -> Line:
    now = windows[-1]
    same = [each.value if each.unit == now.unit else None for each in windows]
    known = sum(value is not None for value in same)
    return Line(now, sparkline(same, now.target, from_zero=False), _PAGES.get(now.duty, ""), known)
