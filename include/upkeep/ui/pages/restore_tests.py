"""Restore tests: how soon each database would be back and how much would be lost, over time, against its objectives."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from upkeep.drills.stages import ORDER
from upkeep.humanize import span
from upkeep.ui.paging import Snapshot, Word, linking, moment
from upkeep.ui.plots import scattered
from upkeep.ui.render import show

router = APIRouter()
SPANS, LISTED, PLOTTED = (90, 365, 1500), 500, 12
RESULTS = {
    "proven": "ok", "whole": "ok", "differs": "high", "failed": "high", "damaged": "high", "unknown": "unknown",
}  # fmt: skip


@router.get("/restore_tests", response_class=HTMLResponse)
def restore_tests(
    request: Request, rows: Snapshot, target: Word = None, days: Annotated[int, Query(ge=1, le=1500)] = 365
) -> HTMLResponse:
    """Every database's tests, or those of one."""
    found = rows("restore_tests", target=target or None, since=moment() - timedelta(days=days), limit=LISTED)
    targets = list(dict.fromkeys(test.target for test in found))
    return show(
        request,
        "restore_tests",
        target=target,
        days=days,
        spans=SPANS,
        exact=span,
        found=found,
        targets=targets,
        results=RESULTS,
        stages=[_in_order(test) for test in found],
        newest={name: next(t for t in found if t.target == name and t.chosen_as == "newest") for name in _tested(found)},
        plots={name: list(_plots([t for t in found if t.target == name])) for name in targets[:PLOTTED]},
        links=linking("restore_tests", {"target": target, "days": days if days != SPANS[1] else None}),
    )


def _tested(found: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(test.target for test in found if test.chosen_as == "newest"))


def _in_order(test: Any) -> list[tuple[str, float]]:
    """JSON of the database keeps no order."""
    return [(stage, test.seconds[stage]) for stage in ORDER if stage in (test.seconds or {})]


def _plots(tests: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Of the newest backups: stages and their sum, and the age of the recovery point, each beside its objective."""
    newest = [test for test in tests if test.chosen_as == "newest"]
    times: dict[str, dict[datetime, float | None]] = {
        stage: {test.tested_at: (test.seconds or {}).get(stage) for test in newest} for stage in ORDER
    }
    times = {"all": {t.tested_at: t.recovery_seconds for t in newest}, **{s: v for s, v in times.items() if any(v.values())}}
    yield from _plot("Recovery time by stage", times, {test.tested_at: test.rto for test in newest})
    ages = {"age when tested": {test.tested_at: test.age for test in newest}}
    yield from _plot("Age of the recovery point", ages, {test.tested_at: test.rpo for test in newest})


def _plot(
    title: str, series: dict[str, dict[datetime, float | None]], objective: dict[datetime, float | None]
) -> Iterator[dict[str, Any]]:
    if not any(value is not None for values in series.values() for value in values.values()):
        return
    drawn = {**series, **({"objective": objective} if any(objective.values()) else {})}
    yield {"title": title, "data": scattered("s", drawn)}
