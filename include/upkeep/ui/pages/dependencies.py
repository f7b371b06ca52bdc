"""Dependencies: what is known to be broken in each repository, and where a package is used."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.ui import links
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, moment, total
from upkeep.ui.plots import leading, plot
from upkeep.ui.render import show

router = APIRouter()
NAVIGATION = Entry("dependencies", "Dependencies", place=52, templates=("dependencies", "package", "sboms"))
SIZE = 100


@router.get("/dependencies", response_class=HTMLResponse)
def dependencies(request: Request, rows: Snapshot, target: Word = None, page: Number = 1) -> HTMLResponse:
    """Repositories by severity, a year of openings and closings, and the faults of one or of all."""
    params = {"target": target or None, "package": None, "ecosystem": None}
    found = rows("dependency_faults", now=moment(), limit=SIZE, offset=(page - 1) * SIZE, **params)
    return show(
        request, "dependencies", repositories=rows("dependency_repositories", now=moment()), found=found, target=target,
        year=_year(rows("dependency_weeks", now=moment(), target=target or None), target),
        slice=Slice(page, SIZE, total(found)), links=linking("dependencies", {"target": target}),
    )  # fmt: skip


def _year(weeks: Sequence[Any], target: str | None) -> dict[str, Any] | None:
    """A year by week; None while there are less than two. A week in which nothing could be judged is a gap, never a zero."""
    if len(weeks) < 2:  # noqa: PLR2004 - a line needs two ends
        return None
    judged = [week.not_judged < week.repositories for week in weeks]
    lines = {name: [getattr(week, column) if known else None for week, known in zip(weeks, judged, strict=True)]
             for name, column in (("open", "open_faults"), ("opened", "opened"), ("closed", "closed"))}  # fmt: skip
    missing = [week.not_judged for week in weeks]
    more = {"repositories not judged": missing} if any(missing) else {}
    made = plot("count", [week.window_end for week in weeks], {**lines, **more})
    return leading(made, links.page("answer", duty="vulnerabilities", target=target))


@router.get("/package", response_class=HTMLResponse)
def package(request: Request, rows: Snapshot, ecosystem: Word = None, name: Word = None, page: Number = 1) -> HTMLResponse:
    """One package: its faults, and where it is locked in every repository."""
    params = {"package": name or "", "ecosystem": ecosystem or ""}
    uses = rows("dependency_uses", limit=SIZE, offset=(page - 1) * SIZE, **params)
    return show(
        request, "package", name=name, ecosystem=ecosystem, uses=uses,
        found=rows("dependency_faults", now=moment(), target=None, limit=SIZE, offset=0, **params),
        slice=Slice(page, SIZE, total(uses)), links=linking("package", {"ecosystem": ecosystem, "name": name}),
    )  # fmt: skip
