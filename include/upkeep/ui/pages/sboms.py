"""SBOMs: what each repository was made of, as documents that other tools read."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, total
from upkeep.ui.render import Missing, show

router = APIRouter()
SIZE = 50


@router.get("/sboms", response_class=HTMLResponse)
def sboms(request: Request, rows: Snapshot, target: Word = None, page: Number = 1) -> HTMLResponse:
    """Every document that is kept, of one repository or of all."""
    found = rows("sboms", target=target or None, limit=SIZE, offset=(page - 1) * SIZE)
    return show(
        request, "sboms", found=found, target=target, slice=Slice(page, SIZE, total(found)),
        links=linking("sboms", {"target": target}),
    )  # fmt: skip


@router.get("/sbom.cdx.json", response_class=Response)
def sbom(rows: Snapshot, target: Word = None, sha256: Annotated[str, Query(max_length=64)] = "") -> Response:
    """One document as it was kept, byte for byte."""
    found = rows("sbom", target=target or "", sha256=sha256)
    if not found:
        raise Missing("No such SBOM", "Its answer was asked again, or its rows are past their age.", [("All SBOMs", "sboms")])
    # A name of an inventory may hold anything; the name of a file may not.
    name = f"{re.sub(r'[^A-Za-z0-9.-]+', '-', found[0].target)}-{found[0].window_end:%Y-%m-%d}.cdx.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(found[0].document, media_type="application/vnd.cyclonedx+json", headers=headers)
