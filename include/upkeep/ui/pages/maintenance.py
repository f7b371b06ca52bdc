"""Maintenance: what was done to which table, why, and what it gave."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from upkeep.humanize import size, span
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, linking, total
from upkeep.ui.render import show

router = APIRouter()
NAVIGATION = Entry("maintenance", "Maintenance", place=47, templates=("maintenance",))
SIZE = 100
_OUTCOMES = {
    "gave_way": "gave way to somebody who waited", "out_of_time": "its time was up", "not_permitted": "not permitted",
    "locked": "locked by others", "vanished": "dropped meanwhile", "interrupted": "its run was ended",
}  # fmt: skip


@router.get("/maintenance", response_class=HTMLResponse)
def maintenance(
    request: Request, rows: Snapshot, page: Number = 1, name: Annotated[str | None, Query(max_length=100)] = None
) -> HTMLResponse:
    """The history of one target's tables, or of all."""
    found = rows("maintenance", target=name or None, limit=SIZE, offset=(page - 1) * SIZE)
    return show(
        request, "maintenance", found=found, name=name, gave=gave, outcomes=_OUTCOMES, span=span,
        slice=Slice(page, SIZE, total(found)), links=linking("maintenance", {"name": name}),
    )  # fmt: skip


def gave(work: Any) -> list[str]:
    """What it gave, in words: only what changed and is known."""
    if work.outcome != "done":
        return []
    lines = []
    if work.removed_rows is not None and work.predicted_rows:
        lines.append(f"{work.removed_rows:,.0f} of {work.predicted_rows:,.0f} dead rows removed")
    if work.bytes_before and work.bytes_after and work.bytes_after < work.bytes_before:
        lines.append(f"{size(work.bytes_before)} to {size(work.bytes_after)}")
    if work.age_before and work.age_after is not None and work.age_after < work.age_before:
        lines.append(f"age {work.age_before:,.0f} to {work.age_after:,.0f} transactions")
    if work.action == "vacuum" and work.visible_after is not None:
        lines.append(f"{min(1.0, work.visible_after):.0%} visible to all")
    return [*lines, *([f"{size(work.wal_bytes)} of WAL"] if work.wal_bytes else [])]
