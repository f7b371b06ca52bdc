"""Backups: of each database its past, what is kept and until when, and what was proven by a restore."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from upkeep.humanize import size as spelled
from upkeep.ui import links
from upkeep.ui.database import Rows
from upkeep.ui.formatting import span, window
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, moment, total
from upkeep.ui.plots import scattered
from upkeep.ui.render import Missing, show
from upkeep.ui.strips import Piece

router = APIRouter()
NAVIGATION = Entry(
    "backups", "Backups", place=40, templates=("backups", "backup", "restore", "restore_none", "restore_tests", "drills")
)
SIZE, YEARS_SIZE, RESTORES, LISTED = 50, 10, 50, 200
SPANS = (30, 90, 365)
# How a strip draws each state; a deleted backup leaves its outline.
_DRAWN = {"complete": "ok", "failed": "breach", "taking": "unknown", "deleting": "missing", "deleted": "missing"}


@router.get("/backups", response_class=HTMLResponse)
def backups(
    request: Request,
    rows: Snapshot,
    target: Word = None,
    days: Annotated[int, Query(ge=1, le=1500)] = 30,
    page: Number = 1,
) -> HTMLResponse:
    """Every database, or one of them in full."""
    now, zone = moment(), request.app.state.zone()
    since = now - timedelta(days=days)
    size = SIZE if days <= SPANS[1] else YEARS_SIZE
    found = rows("backup_targets", target=target or None, limit=size, offset=(page - 1) * size)
    if target and not found:
        near = links.near(target, rows.one("target_names").names, "backups", "target")
        raise Missing("No such database", f'No database called "{target}" is looked after or has a backup.', near)
    taken = _by_target(rows, [line.target for line in found], since)
    common: dict[str, Any] = {
        "days": days,
        "spans": SPANS,
        "found": found,
        "strips": {name: list(_pieces(past, since, now, zone)) for name, past in taken.items()},
        "falls": {line.target: _falls(line) for line in found},
        "links": linking("backups", {"target": target, "days": days if days != SPANS[0] else None}),
    }
    if target:
        return show(request, "backup", **common, **_in_full(rows, found[0], taken.get(target, []), since))
    return show(request, "backups", **common, slice=Slice(page, size, total(found)))


def _in_full(rows: Rows, line: Any, past: list[Any], since: datetime) -> dict[str, Any]:
    kept = (line.retention_evidence or {}).get("kept", {})
    return {
        "line": line,
        "past": past[::-1][:LISTED],
        "kept": kept if isinstance(kept, Mapping) else {},
        "restores": rows("backup_restores", target=line.target, limit=RESTORES),
        "plots": list(_plots([b for b in past if b.snapshot_at and b.snapshot_at > since])),
    }


def _by_target(rows: Rows, targets: list[str], since: datetime) -> dict[str, list[Any]]:
    found = rows("backup_rows", targets=targets, since=since)
    return {name: list(past) for name, past in groupby(found, key=lambda backup: backup.target)}


def _falls(line: Any) -> dict[str, str]:
    """Days on which backups will be deleted, by id, as retention last said."""
    coming = (line.retention_evidence or {}).get("next_deletions", [])
    return {str(each["id"]): str(each["on"]) for each in coming}


def _pieces(past: Iterable[Any], since: datetime, until: datetime, zone: tzinfo) -> Iterable[Piece]:
    """One piece a backup, as wide as its window; whole ones are drawn last."""
    length = (until - since).total_seconds()
    for backup in sorted(past, key=lambda b: (b.state == "complete", b.begun_at)):
        start, end = max(backup.window_start, since), min(backup.window_end, until)
        if start < end:
            drawn = "breach" if backup.damaged else _DRAWN[backup.state]
            x, width = 1000 * (start - since).total_seconds() / length, 1000 * (end - start).total_seconds() / length
            yield Piece(drawn, round(x, 2), round(width, 2), _describe_backup(backup, zone))


def _describe_backup(backup: Any, zone: tzinfo) -> str:
    measured = f", {spelled(backup.stored_bytes)} in {span(backup.took or 0)}" if backup.stored_bytes is not None else ""
    return f"{window(backup.window_start, backup.window_end, zone)}: {backup.state}{measured}"


def _plots(past: list[Any]) -> Iterable[dict[str, Any]]:
    """Sizes, times and rows of the backups that were complete once."""
    kinds: tuple[tuple[str, str, Mapping[str, Callable[[Any], float | None]]], ...] = (
        ("Size", "bytes", {"stored": lambda b: b.stored_bytes, "before packing": lambda b: b.raw_bytes}),
        ("Time it took", "s", {"all stages": lambda b: b.took}),
        ("Rows", "count", {"rows": lambda b: b.rows}),
    )
    for title, unit, series in kinds:
        points = {label: {b.snapshot_at: value(b) for b in past} for label, value in series.items()}
        if past:
            yield {"title": title, "data": scattered(unit, points)}
