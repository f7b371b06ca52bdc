"""One target: how it answered, what is wrong with it, its past and its numbers."""

from datetime import timedelta
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from upkeep.ui import links
from upkeep.ui.metrics import SHOWN, names, plots
from upkeep.ui.pages import findings
from upkeep.ui.paging import Snapshot, Word, linking, moment
from upkeep.ui.render import Missing, show
from upkeep.ui.strips import strip

router = APIRouter()
SPANS = (7, 30, 90, 365)
FINDINGS = 60


@router.get("/target", response_class=HTMLResponse)
def target(
    request: Request, rows: Snapshot, name: str, days: Annotated[int, Query(ge=1, le=1500)] = 30, metric: Word = None
) -> HTMLResponse:
    """The page of one target."""
    found = rows.one("target", name=name)
    if not found:
        near = links.near(name, rows.one("target_names").names, "target")
        raise Missing("No such target", f'The inventory has never listed a target called "{name}".', near)
    now = moment()
    zone = request.app.state.zone()
    history = groupby(rows("target_history", name=name, since=now - timedelta(days=days)), key=lambda answer: answer.duty)
    measured = names(rows, name, now, days)
    chosen = [m for m in measured if m.name == metric] if metric else measured[:SHOWN]
    return show(
        request,
        "target",
        target=found,
        answers=rows("target_answers", name=name, kind=found.kind),
        strips={duty: strip(answers, now - timedelta(days=days), now, zone) for duty, answers in history},
        found=findings.listed(rows, findings.Wanted(state="all", target=name), FINDINGS),
        measured=measured,
        chosen=metric,
        plots=plots(rows, name, chosen, now, days),
        made_up=rows.one("made_up").until,
        days=days,
        asked_numbers=bool({"metric", "days"} & set(request.query_params)),
        spans=SPANS,
        links=linking("target", {"name": name, "days": days if days != 30 else None, "metric": metric}),  # noqa: PLR2004 - the default
    )
