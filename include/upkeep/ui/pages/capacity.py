"""Capacity: every level that has a limit, its past, what it is expected to be, and when the limit is reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.ui import links
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, total
from upkeep.ui.plots import forecast_plot, leading
from upkeep.ui.render import show

router = APIRouter()
NAVIGATION = Entry("capacity", "Capacity", place=62, templates=("capacity",))
SIZE, PAST_DAYS = 20, 180

Past = Mapping[tuple[str, str], Mapping[datetime, float]]


@dataclass(frozen=True, slots=True)
class Ahead:
    """One forecast and its plot; `plot` is None where there is no forecast."""

    row: Any
    plot: dict[str, Any] | None


@router.get("/capacity", response_class=HTMLResponse)
def capacity(request: Request, rows: Snapshot, target: Word = None, page: Number = 1) -> HTMLResponse:
    """The newest forecasts, first limit to be reached first."""
    found = rows("capacity", target=target or None, limit=SIZE, offset=(page - 1) * SIZE)
    past = _past(rows, found)
    return show(
        request,
        "capacity",
        found=[Ahead(row, None if row.reason else _plot(row, past.get((row.target, row.measure), {}))) for row in found],
        target=target,
        targets=[row.name for row in rows("capacity_targets")],
        slice=Slice(page, SIZE, total(found)),
        made_up=rows.one("made_up").until,
        links=linking("capacity", {"target": target}),
    )


def _past(rows: Snapshot, found: Sequence[Any]) -> Past:
    params = {
        "targets": [row.target for row in found],
        "measures": [row.measure for row in found],
        "ends": [row.window_end for row in found],
    }
    points = rows("capacity_past", days=PAST_DAYS, **params)
    return {key: {p.at: p.value for p in mine} for key, mine in groupby(points, key=lambda p: (p.target, p.measure))}


def _plot(row: Any, past: Mapping[datetime, float]) -> dict[str, Any]:
    """The fan begins at the newest value, so that it hangs together with the past."""
    ahead = [row.begins_at + timedelta(days=days) for days in row.ahead_days]
    fan = {
        name: {row.begins_at: row.value_now, **dict(zip(ahead, values, strict=True))}
        for name, values in (("at most", row.high), ("expected", row.middle), ("at least", row.low))
    }
    made = forecast_plot(row.unit, past, fan, row.limit_value)
    return leading(made, links.page("answer", duty=row.metric_duty, target=row.target), "day")
