"""What a duty said in one window: where a point of a plot leads, with what was found and measured."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from upkeep.ui import links
from upkeep.ui.database import Rows
from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, moment, total
from upkeep.ui.render import Missing, show

router = APIRouter()
SIZE, LISTED = 50, 200
Name = Annotated[str, Query(max_length=200)]


@router.get("/answer", response_class=HTMLResponse)
def answer(
    request: Request, rows: Snapshot, duty: Name, at: datetime | None = None, day: datetime | None = None,
    target: Word = None, page: Number = 1,
) -> HTMLResponse:  # fmt: skip
    """
    The answer about one target, or every target's.

    `at` is the end of the window or, for one target, within it; `day` is the midnight of a day that it is about.
    """
    asked = {"duty": duty, "target": target or None, "at": at or moment(), "day": day}
    found = rows("answer", limit=SIZE, offset=(page - 1) * SIZE, **asked)
    if not found:
        about = f' about "{target}"' if target else ""
        near = [(duty, links.page("duty", name=duty)), *([(target, links.page("target", name=target))] if target else [])]
        raise Missing(
            "No answer of this window", f'No answer of "{duty}"{about} is kept for {day or asked["at"]:%Y-%m-%d %H:%M}.', near
        )
    full = _in_full(rows, found[0]) if target else {"findings": [], "numbers": []}
    return show(
        request, "answer", found=found, duty=duty, target=target, findings=full["findings"], numbers=full["numbers"],
        slice=Slice(page, SIZE, total(found)), links=linking("answer", {"duty": duty, "target": target, "at": at, "day": day}),
    )  # fmt: skip


def _in_full(rows: Rows, one: Any) -> dict[str, list[Any]]:
    key = {"duty": one.duty, "target": one.target, "start": one.window_start, "end": one.window_end, "limit": LISTED}
    return {"findings": rows("answer_findings", **key), "numbers": rows("answer_numbers", **key)}
