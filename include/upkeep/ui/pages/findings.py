"""Every finding, by state, severity, owner, area, duty, target and text."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from upkeep.ui.database import Rows
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, moment, total
from upkeep.ui.render import show

router = APIRouter()
NAVIGATION = Entry("findings", "Findings", place=20, templates=("findings",))
SIZE = 50
STATES = {
    "open": "Open",
    "red": "Red: at or above the severity that turns a task red",
    "overdue": "Overdue",
    "waived": "Accepted for a time",
    "resolved": "Resolved in the last 30 days",
    "all": "Open, accepted, or resolved in the last 30 days",
}
State = Literal["open", "red", "overdue", "waived", "resolved", "all", ""]
Sort = Literal["severity", "found", "due", "target", "resolved", ""]


@dataclass(frozen=True)
class Wanted:
    """The filters; the fields are the query string."""

    state: State = "open"
    severity: Literal["critical", "high", "medium", "low", ""] | None = None
    owner: Word = None
    area: Word = None
    duty: Word = None
    target: Word = None
    text: Word = None
    sort: Sort = "severity"

    def params(self) -> dict[str, Any]:
        """As parameters of the query, empty ones as None."""
        return {name: word or None for name, word in asdict(self).items()} | {"state": self.state or "open"}


def listed(rows: Rows, wanted: Wanted, limit: int, offset: int = 0) -> list[Any]:
    """Findings that are wanted, worst first unless sorted otherwise. `total` of each says how many there are in all."""
    return rows("findings", **wanted.params(), now=moment(), limit=limit, offset=offset)


@router.get("/findings", response_class=HTMLResponse)
def findings(request: Request, rows: Snapshot, wanted: Annotated[Wanted, Depends()], page: Number = 1) -> HTMLResponse:
    """The list."""
    found = listed(rows, wanted, SIZE, (page - 1) * SIZE)
    return show(
        request,
        "findings",
        found=found,
        wanted=wanted,
        sort=wanted.sort,
        states=STATES,
        slice=Slice(page, SIZE, total(found)),
        choices=rows.one("choices"),
        links=linking(
            "findings", {k: v for k, v in wanted.params().items() if (k, v) not in {("state", "open"), ("sort", "severity")}}
        ),
    )
