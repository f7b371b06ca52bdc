"""The newest answers as a matrix of targets and duties, worst targets first."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from upkeep.ui import links
from upkeep.ui.database import Rows
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, moment, total
from upkeep.ui.render import SIGNS, show

router = APIRouter()
NAVIGATION = Entry("answers", "Answers", place=30, templates=("answers", "answer"))
SIZE = 30


@dataclass(frozen=True)
class Wanted:
    """The filters; the fields are the query string."""

    state: Literal["red", "breach", "unknown", "ok", ""] | None = None
    area: Word = None
    owner: Word = None
    tag: Word = None
    text: Word = None


@dataclass(frozen=True, slots=True)
class Area:
    """Columns of one area."""

    name: str
    duties: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one duty said about one target: a sign, classes for its look, and words for a pointer or a screen reader."""

    sign: str
    classes: str
    message: str
    text: str
    href: str
    away: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One target's row; a cell is None where the duty is not for this kind of target."""

    target: str
    owner: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Targets by duties."""

    areas: tuple[Area, ...]
    lines: tuple[Line, ...]
    total: int


@router.get("/answers", response_class=HTMLResponse)
def answers(request: Request, rows: Snapshot, wanted: Annotated[Wanted, Depends()], page: Number = 1) -> HTMLResponse:
    """The matrix with its filters."""
    made = matrix(rows, wanted, SIZE, (page - 1) * SIZE)
    return show(
        request,
        "answers",
        matrix=made,
        wanted=wanted,
        slice=Slice(page, SIZE, made.total),
        choices=rows.one("choices"),
        links=linking("answers", asdict(wanted)),
    )


def matrix(rows: Rows, wanted: Wanted, limit: int, offset: int = 0) -> Matrix:
    """The matrix of some targets, worst first."""
    params = {name: word or None for name, word in asdict(wanted).items()}
    targets = rows("targets", **params, now=moment(), limit=limit, offset=offset)
    duties = [duty for duty in rows("duties") if wanted.area in (None, "", duty.area)]
    cells = {(c.duty, c.target): c for c in rows("cells", targets=[t.target for t in targets], now=moment())}
    areas = tuple(Area(name, tuple(members)) for name, members in groupby(duties, key=lambda duty: duty.area))
    return Matrix(areas, tuple(_line(target, duties, cells) for target in targets), total(targets))


def _line(target: Any, duties: Sequence[Any], cells: dict[tuple[str, str], Any]) -> Line:
    return Line(
        target.target,
        target.owner,
        tuple(
            _cell(duty, target.target, cells.get((duty.name, target.target))) if duty.target_kind == target.kind else None
            for duty in duties
        ),
    )


def _cell(duty: Any, target: str, answer: Any | None) -> Cell:
    if answer is None:
        return Cell(
            SIGNS["missing"], "missing", "no result", f"{duty.name}: no result", links.page("duty", name=duty.name), away=False
        )
    text = f"{duty.name}: {answer.summary}"
    if answer.status != "breach":
        return Cell(SIGNS[answer.status], answer.status, answer.status, text, links.task(answer), away=True)
    href = links.page("findings", duty=duty.name, target=target, state="all")
    if not answer.findings:
        return Cell("w", "ok waived", "all accepted", text, href, away=False)
    return Cell(answer.worst[0].upper(), f"breach {answer.worst}", f"breach, {answer.worst}", text, href, away=False)
