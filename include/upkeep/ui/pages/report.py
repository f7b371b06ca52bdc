"""Stored reports: the list, and each as a document."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from upkeep.reports.chart import charts_of
from upkeep.ui import links
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, linking, total
from upkeep.ui.render import Missing, document, show
from upkeep.window import Cadence

router = APIRouter()
NAVIGATION = Entry("reports", "Reports", place=80, templates=("reports",))
SIZE = 40


@router.get("/reports", response_class=HTMLResponse)
def reports(
    request: Request,
    rows: Snapshot,
    cadence: Cadence | Literal[""] | None = None,
    page: Number = 1,
) -> HTMLResponse:
    """The list, newest first."""
    found = rows("reports", cadence=cadence or None, limit=SIZE, offset=(page - 1) * SIZE)
    return show(
        request,
        "reports",
        found=found,
        cadence=cadence,
        slice=Slice(page, SIZE, total(found)),
        links=linking("reports", {"cadence": cadence}),
    )


@router.get("/report", response_class=HTMLResponse)
def report(
    request: Request,
    rows: Snapshot,
    cadence: str,
    end: datetime,
    start: datetime | None = None,
    name: Annotated[str, Query(max_length=100)] = "run",
) -> HTMLResponse:
    """One report as a document; without a start the newest of those that end then."""
    found = rows.one("report", cadence=cadence, start=start, end=end, name=name)
    if not found:
        near = [("the newest reports", links.page("reports", cadence=cadence))]
        raise Missing("No such report", f"No {cadence} report is stored for this window.", near)
    text, contents = document(found.markdown, charts_of(found.content))
    return show(request, "report", report=found, text=text, contents=contents)
