"""Dependencies: what is known to be broken in each repository, and where a package is used."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, moment, total
from upkeep.ui.render import show

router = APIRouter()
NAVIGATION = Entry("dependencies", "Dependencies", place=52, templates=("dependencies", "package"))
SIZE = 100


@router.get("/dependencies", response_class=HTMLResponse)
def dependencies(request: Request, rows: Snapshot, target: Word = None, page: Number = 1) -> HTMLResponse:
    """Repositories by severity, and the faults of one or of all."""
    words = {"target": target or None, "package": None, "ecosystem": None}
    found = rows("dependency_faults", now=moment(), limit=SIZE, offset=(page - 1) * SIZE, **words)
    return show(
        request, "dependencies", repositories=rows("dependency_repositories", now=moment()), found=found, target=target,
        slice=Slice(page, SIZE, total(found)), links=linking("dependencies", {"target": target}),
    )  # fmt: skip


@router.get("/package", response_class=HTMLResponse)
def package(request: Request, rows: Snapshot, ecosystem: Word = None, name: Word = None, page: Number = 1) -> HTMLResponse:
    """One package: its faults, and where it is locked in every repository."""
    words = {"package": name or "", "ecosystem": ecosystem or ""}
    uses = rows("dependency_uses", limit=SIZE, offset=(page - 1) * SIZE, **words)
    return show(
        request, "package", name=name, ecosystem=ecosystem, uses=uses,
        found=rows("dependency_faults", now=moment(), target=None, limit=SIZE, offset=0, **words),
        slice=Slice(page, SIZE, total(uses)), links=linking("package", {"ecosystem": ecosystem, "name": name}),
    )  # fmt: skip
