"""Drills: the written plan of each database, every step with its time against the plan, and how drills went over time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from upkeep.humanize import span
from upkeep.ui.paging import Snapshot, Word, linking, moment
from upkeep.ui.plots import scattered
from upkeep.ui.render import show

router = APIRouter()
SPANS, LISTED = (365, 1500), 2000
SLOWER = 1.5
RESULTS = {
    "done": "ok", "failed": "high", "missing": "medium", "unknown": "unknown", "not reached": "unknown", "planned": "unknown",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill of one database: its rows in the plan's order."""

    steps: Sequence[Any]

    @property
    def first(self) -> Any:
        """What every row says alike."""
        return self.steps[0]

    @property
    def written(self) -> list[Any]:
        """The steps that the plan has."""
        return [step for step in self.steps if step.kind != "needed"]

    @property
    def took(self) -> float:
        """All its steps together, seconds."""
        return sum(step.seconds or 0 for step in self.written)

    @property
    def expected(self) -> float:
        """What the plan says of those that were done or failed, seconds: a person's are not counted."""
        return sum(step.expected_seconds or 0 for step in self.written if step.seconds is not None)

    def count(self, result: str) -> int:
        """Steps that ended so."""
        return sum(step.result == result for step in self.steps)


@router.get("/drills", response_class=HTMLResponse)
def drills(
    request: Request, rows: Snapshot, target: Word = None, days: Annotated[int, Query(ge=1, le=1500)] = 1500
) -> HTMLResponse:
    """The newest drill of every database with its steps, or all those of one."""
    found = rows("drills", target=target or None, since=moment() - timedelta(days=days), limit=LISTED)
    made = [Drill(list(mine)) for _, mine in groupby(found, key=lambda step: (step.window_end, step.target))]
    targets = list(dict.fromkeys(drill.first.target for drill in made))
    return show(
        request, "drills",
        target=target, days=days, spans=SPANS, exact=span, results=RESULTS, slower=SLOWER, targets=targets,
        shown={name: _shown([d for d in made if d.first.target == name], every=bool(target)) for name in targets},
        plots={name: list(_plots([d for d in made if d.first.target == name])) for name in targets},
        links=linking("drills", {"target": target, "days": days if days != SPANS[1] else None}),
    )  # fmt: skip


def _shown(mine: Sequence[Drill], *, every: bool) -> Sequence[Drill]:
    return mine if every else mine[:1]


def _plots(mine: Sequence[Drill]) -> Iterator[dict[str, Any]]:
    """How long drills took beside what their plans say, and their steps that did not go well; one drill is no trend."""
    if len(mine) < 2:  # noqa: PLR2004 - a line has two ends
        return
    times: dict[str, dict[datetime, float | None]] = {
        "took": {drill.first.tested_at: drill.took for drill in mine},
        "by the plan": {drill.first.tested_at: drill.expected for drill in mine},
    }
    yield {"title": "Time of the steps that were done", "data": scattered("s", times)}
    wrong: dict[str, dict[datetime, float | None]] = {
        result: {drill.first.tested_at: float(drill.count(result)) for drill in mine} for result in ("failed", "missing")
    }
    yield {"title": "Steps that failed or are missing", "data": scattered("", wrong)}
