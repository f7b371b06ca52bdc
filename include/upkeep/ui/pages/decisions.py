"""Decisions: what waits for people, what was missed, and who signed what on which evidence; for auditors as JSON and Markdown."""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from upkeep.decisions import export
from upkeep.ui.database import Rows
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, moment, total
from upkeep.ui.render import Missing, show

router = APIRouter()
NAVIGATION = Entry("decisions", "Decisions", place=45, templates=("decisions", "decision"))
SIZE, MOST = 50, 5_000
STATES = {"open": "Open", "missed": "Missed", "answered": "Answered", "withdrawn": "Withdrawn", "all": "All"}
State = Literal["open", "missed", "answered", "withdrawn", "all", ""]
Key = Annotated[str | None, Query(max_length=1_000)]


@router.get("/decisions", response_class=HTMLResponse)
def decisions(request: Request, rows: Snapshot, state: State = "all", target: Word = None, page: Number = 1) -> HTMLResponse:
    """The list, what needs a person first, and the work that is to be done."""
    wanted = state or "all"
    found = rows("decisions", state=wanted, target=target or None, limit=SIZE, offset=(page - 1) * SIZE)
    return show(
        request,
        "decisions",
        found=found,
        work=rows("action_items", keys=None),
        states=STATES,
        state=wanted,
        target=target,
        today=moment().date(),
        slice=Slice(page, SIZE, total(found)),
        links=linking("decisions", {"state": None if wanted == "all" else wanted, "target": target}),
    )


@router.get("/decision", response_class=HTMLResponse)
def decision(request: Request, rows: Snapshot, key: Annotated[str, Query(max_length=1_000)]) -> HTMLResponse:
    """One decision: the question as it was shown, and everything that was signed."""
    found = _records(rows, key=key)
    if not found:
        raise Missing("No such decision", f'There is no decision "{key}".', [("all decisions", "decisions")])
    (row,), (one,) = rows("decisions_full", key=key, since=None, until=None, limit=1), found
    names = {field["name"]: field["title"] for field in one["question"]["fields"]}
    return show(request, "decision", d=row, one=one, names=names, shown_values=lambda values: _in_order(values, list(names)))


@router.get("/decisions.json", response_class=JSONResponse)
def as_json(rows: Snapshot, key: Key = None, since: datetime | None = None, until: datetime | None = None) -> Response:
    """For an auditor: one decision, or all that were opened in a span of time, with hashes."""
    found = _records(rows, key, since, until)
    return JSONResponse({"how_to_verify": export.HOW, "decisions": found}, headers=_file("decisions.json"))


@router.get("/decisions.md")
def as_markdown(rows: Snapshot, key: Key = None, since: datetime | None = None, until: datetime | None = None) -> Response:
    """The same to be read."""
    text = export.markdown(_records(rows, key, since, until))
    return Response(text, media_type="text/markdown; charset=utf-8", headers=_file("decisions.md"))


def _records(
    rows: Rows, key: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> list[dict[str, Any]]:
    found = rows("decisions_full", key=key, since=since, until=until, limit=MOST)
    keys = [each.key for each in found]
    signed = _by_decision(rows("decision_signatures", keys=keys))
    work = _by_decision(sorted(rows("action_items", keys=keys), key=lambda each: (each.decision, each.number)))
    return [export.record(each, signed.get(each.key, []), work.get(each.key, [])) for each in found]


def _in_order(values: Mapping[str, Any], fields: list[str]) -> list[str]:
    """Names of what was entered, as the form had them: JSON of the database keeps no order."""
    return sorted((name for name in values if values[name]), key=lambda name: fields.index(name) if name in fields else -1)


def _by_decision(rows: list[Any]) -> dict[str, list[Any]]:
    return {key: list(group) for key, group in groupby(rows, key=lambda row: row.decision)}


def _file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
