"""One duty: its text, its limits, how every target answered and how that went over time; and one area: its duties."""

from datetime import timedelta
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.discovery import find
from upkeep.duty import Duty
from upkeep.ui import links
from upkeep.ui.database import Rows
from upkeep.ui.pages import findings
from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, moment, total
from upkeep.ui.plots import leading, plot
from upkeep.ui.render import Missing, show
from upkeep.window import CADENCES, Cadence

router = APIRouter()
SIZE, FINDINGS = 50, 15


@router.get("/duty", response_class=HTMLResponse)
def duty(
    request: Request,
    rows: Snapshot,
    name: str,
    state: Literal["ok", "breach", "unknown", ""] | None = None,
    text: Word = None,
    page: Number = 1,
) -> HTMLResponse:
    """The page of one duty."""
    coded, known = code(name), rows.one("duty", name=name)
    about: Any = known or coded
    if not about:
        raise Missing(
            "No such duty", f'The programme has no duty called "{name}".', links.near(name, rows.one("choices").duties, "duty")
        )
    now = moment()
    params = {"name": name, "now": now, "state": state or None, "text": text or None}
    answers = rows("duty_answers", **params, limit=SIZE, offset=(page - 1) * SIZE)
    return show(
        request,
        "duty",
        duty=about,
        coded=coded,
        made_up=rows.one("made_up").until,
        asked_yet=bool(known),
        trend=_trend(rows, name, about.cadence),
        found=findings.listed(rows, findings.Wanted(duty=name), FINDINGS),
        answers=answers,
        state=state,
        text=text,
        slice=Slice(page, SIZE, total(answers)),
        links=linking("duty", {"name": name, "state": state, "text": text}),
    )


@router.get("/area", response_class=HTMLResponse)
def area(request: Request, rows: Snapshot, name: str) -> HTMLResponse:
    """The page of one area."""
    duties = rows("area_duties", name=name, now=moment())
    if not duties:
        near = links.near(name, rows.one("choices").areas, "area")
        raise Missing("No such area", f'The programme has no area called "{name}".', near)
    return show(request, "area", name=name, duties=duties, found=findings.listed(rows, findings.Wanted(area=name), FINDINGS))


def code(name: str) -> Duty | None:
    """The duty as the code has it; the report database may know one that the code no longer has, and the other way round."""
    try:
        return find(name)
    except KeyError:
        return None


def _trend(rows: Rows, name: str, cadence: str) -> dict[str, Any] | None:
    days = Cadence(cadence).plotted_days if cadence in CADENCES else Cadence.WEEKLY.plotted_days
    seen = rows("duty_trend", name=name, since=moment() - timedelta(days=days))
    series = {word: [getattr(row, word) for row in seen] for word in ("breach", "unknown")}
    made = plot("count", [row.window_end for row in seen], series)
    return leading(made, links.page("answer", duty=name)) if seen else None
