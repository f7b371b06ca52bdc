"""One restore: how far it has got, how long each stage took, and the comparison table by table."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.ui.database import Rows
from upkeep.ui.paging import Snapshot
from upkeep.ui.render import Missing, show

router = APIRouter()
DAG = "restore"
LISTED = 1000
STAGES = ("manifest", "check", "roles", "create", "fetch", "definitions", "rows", "indexes", "finish", "compare")
STATES = {
    "running": ("under way", "unknown"),
    "proven": ("proven", "ok"),
    "differs": ("differs", "high"),
    "failed": ("failed", "high"),
    "refused": ("refused before it began", "medium"),
}


@router.get("/restore", response_class=HTMLResponse)
def restore(request: Request, rows: Snapshot, id: str) -> HTMLResponse:  # noqa: A002 - the word in the address
    """The page of one restore, whoever made it."""
    found = rows("restores", id=id, dag_id=None, run_id=None)
    if not found:
        raise Missing("No such restore", f'There is no restore "{id}".')
    return _shown(request, found)


def of_run(request: Request, rows: Rows, run_id: str) -> HTMLResponse:
    """The Upkeep tab of a run of the DAG: its newest try, or what it waits for."""
    found = rows("restores", id=None, dag_id=DAG, run_id=run_id)
    return (
        _shown(request, found)
        if found
        else show(request, "restore_none", run_id=run_id, dag_id=DAG, decision=rows.one("decision_of_run", run_id=run_id))
    )


def _shown(request: Request, found: list[Any]) -> HTMLResponse:
    newest, *earlier = found
    tables = sorted(newest.detail.items(), key=_worst_first)
    return show(
        request,
        "restore",
        r=newest,
        earlier=earlier,
        states=STATES,
        stages=sorted((newest.seconds or {}).items(), key=_in_turn),
        tables=tables[:LISTED],
        total=len(tables),
        wrong=sum(not each.get("same") for _, each in tables),
    )


def _in_turn(item: tuple[str, float]) -> int:
    """JSON of the database keeps no order."""
    return STAGES.index(item[0]) if item[0] in STAGES else len(STAGES)


def _worst_first(item: tuple[str, Mapping[str, Any]]) -> tuple[bool, int, str]:
    name, found = item
    return bool(found.get("same")), -int(found.get("rows") or 0), name
