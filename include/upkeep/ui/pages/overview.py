"""The first page: what is red and since when, how everything answered, what nobody knows, what is accepted, where it is going."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.ui import links
from upkeep.ui.navigation import Entry
from upkeep.ui.pages import answers, findings, scorecard
from upkeep.ui.paging import Snapshot, moment
from upkeep.ui.plots import leading, plot
from upkeep.ui.render import show

router = APIRouter()
NAVIGATION = Entry("", "Overview", place=10, templates=("overview",))
RED, TARGETS, TREND_DAYS = 10, 15, 90


@router.get("/", response_class=HTMLResponse)
def overview(request: Request, rows: Snapshot) -> HTMLResponse:
    """The Upkeep page."""
    now = moment()
    week, card = scorecard.newest(rows, request.app.state.zone())
    trend = rows("trend", cadence="daily", since=now - timedelta(days=TREND_DAYS))
    return show(
        request,
        "overview",
        week=week,
        card=card if any(one.value is not None for one in card) else [],
        counts=rows.one("open_counts", now=now),
        cadences=rows("cadences"),
        red=findings.listed(rows, findings.Wanted(state="red"), RED),
        matrix=answers.matrix(rows, answers.Wanted(), TARGETS),
        unknown=rows("unknown_reasons"),
        missing=rows("missing"),
        waivers=rows("waivers", now=now),
        made_up=rows.one("made_up").until,
        trends=_plots(trend),
        choices=rows.one("choices"),
    )


def _plots(trend: list[Any]) -> list[tuple[str, dict[str, Any]]]:
    times = [row.window_end for row in trend]
    if not trend:
        return []
    shown = {"Open findings": ("open", "red", "overdue"), "Answers that are not ok": ("breach", "unknown", "missing")}
    reports = links.page("report", cadence="daily")
    made = {title: plot("count", times, {n: [getattr(row, n) for row in trend] for n in names}) for title, names in shown.items()}
    return [(title, leading(data, reports, "end")) for title, data in made.items()]
