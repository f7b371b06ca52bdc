"""Certificates: what every endpoint shows, and how much of each lifetime is left."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, linking, moment, total
from upkeep.ui.render import show

router = APIRouter()
NAVIGATION = Entry("certificates", "Certificates", place=50, templates=("certificates",))
SIZE = 100


@router.get("/certificates", response_class=HTMLResponse)
def certificates(request: Request, rows: Snapshot, page: Number = 1) -> HTMLResponse:
    """The list, first to end first."""
    found = rows("certificates", now=moment(), limit=SIZE, offset=(page - 1) * SIZE)
    return show(
        request, "certificates", found=found, slice=Slice(page, SIZE, total(found)), links=linking("certificates", {})
    )  # fmt: skip
