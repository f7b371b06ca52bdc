"""Secrets: how old each is, who uses it, whether the one before is dead, and each step of its rotations."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.humanize import span
from upkeep.rotation.rotation import STEPS, halted
from upkeep.ui import links
from upkeep.ui.navigation import Entry
from upkeep.ui.paging import Number, Slice, Snapshot, Word, linking, moment, total
from upkeep.ui.render import Missing, show

router = APIRouter()
NAVIGATION = Entry("secrets", "Secrets", place=51, templates=("secrets",))
SIZE, FEW, MANY = 25, 2, 50
STANDINGS = ("needs somebody", "unknown", "due", "not asked yet", "under way", "well")
STATES = {"running": "medium", "grace": "medium", "rotated": "ok", "rolled back": "unknown", "failed": "high"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a rotation: when it was done, None when not yet, and how long after the rotation began."""

    name: str
    at: datetime | None
    after: str


@router.get("/secrets", response_class=HTMLResponse)
def secrets(
    request: Request, rows: Snapshot, name: Word = None, text: Word = None, standing: Word = None, page: Number = 1
) -> HTMLResponse:
    """The list, those that need somebody first, or one of them with all its rotations."""
    asked = {"now": moment(), "standings": list(STANDINGS), "text": text or None, "standing": standing or None}
    found = rows("secrets", **asked, name=name or None, limit=SIZE, offset=(page - 1) * SIZE)
    if name and not found:
        every = rows("secrets", **asked, name=None, limit=500, offset=0)
        near = links.near(name, [one.name for one in every], "secrets", "name")
        raise Missing("No such secret", f'No secret of the inventory is called "{name}".', near)
    names = [one.name for one in found]
    return show(
        request, "secrets", found=found, one=name, text=text, standing=standing, standings=STANDINGS,
        exact=span, states=STATES, steps=steps, lags=lags, halted=halted,
        command=command, rotations=rows("secret_rotations", names=names, most=MANY if name else FEW),
        wrong=_by_target(rows("secret_findings", names=names, now=moment())),
        slice=Slice(page, SIZE, total(found)), links=linking("secrets", {"name": name, "text": text, "standing": standing}),
    )  # fmt: skip


def steps(rotation: Any) -> Iterator[Step]:
    """The steps of a rotation in their order."""
    for name, column in STEPS.items():
        at = getattr(rotation, column)
        yield Step(name, at, f"+{span(max(0.0, (at - rotation.begun_at).total_seconds()))}" if at else "")


def lags(rotation: Any) -> list[tuple[str, str]]:
    """Consumers that were seen with the new value and how long after it became current, the slowest first."""
    if not rotation.promoted_at:
        return []
    found = {
        who: (datetime.fromisoformat(at) - rotation.promoted_at).total_seconds() for who, at in rotation.picked_up_by.items()
    }
    return [(who, span(max(0.0, seconds))) for who, seconds in sorted(found.items(), key=lambda one: (-one[1], one[0]))]


def command(word: str, name: str) -> str:
    """A command that pastes, whatever the secret is called."""
    from shlex import quote

    return f"upkeep secret {word} {quote(name)}"


def _by_target(found: Iterable[Any]) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = defaultdict(list)
    for one in found:
        told[one.target].append(one)
    return told
