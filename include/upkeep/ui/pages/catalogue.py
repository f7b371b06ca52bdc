"""Everything the programme does, as the code says."""

from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.discovery import discover
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Snapshot
from upkeep.ui.render import show

router = APIRouter()
NAVIGATION = Entry("catalogue", "Catalogue", place=90, templates=("catalogue",))


@router.get("/catalogue", response_class=HTMLResponse)
def catalogue(request: Request, rows: Snapshot) -> HTMLResponse:
    """The catalogue. Duties that the report database still lists and the code no longer has are named at the end."""
    coded = discover()
    names = {duty.name for duty in coded}
    return show(
        request,
        "catalogue",
        areas=[(area, list(duties)) for area, duties in groupby(coded, key=lambda duty: duty.area)],
        total=len(coded),
        others=[duty for duty in rows("duties") if duty.name not in names],
    )
