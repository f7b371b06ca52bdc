"""Secrets of a window: what was rotated, what is due before the next report, and what is stuck."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from upkeep.humanize import plural, span
from upkeep.reports.section import Section, section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

_FEW = 3


@dataclass(frozen=True, slots=True)
class SecretLine:
    """One secret at a window's end; what was never read has no dates. `wrong` are titles of findings of the last look."""

    target: str
    identity: str | None
    current_since: datetime | None
    due_at: datetime | None
    max_age_seconds: float | None
    age: timedelta | None
    status: str
    summary: str
    rotations: int
    compromised: int
    dead_at: datetime | None
    dead: str | None
    wrong: list[str]

    @property
    def old(self) -> str:
        """Its age against what it may be."""
        if self.age is None or self.max_age_seconds is None:
            return "unknown"
        return f"{span(max(0.0, self.age.total_seconds()))} of {span(self.max_age_seconds)}"

    @property
    def proof(self) -> str:
        """When the value before was last proven dead."""
        return f"{self.dead} dead since {self.dead_at:%Y-%m-%d}" if self.dead_at else "none"

    @property
    def in_the_way(self) -> str:
        """What keeps it from being as it should; empty when nothing does."""
        return "; ".join([*self.wrong, *([self.summary] if self.status == "unknown" else [])])

    @property
    def cells(self) -> tuple[str, ...]:
        """Its line of the table."""
        due = f"{self.due_at:%Y-%m-%d}" if self.due_at else ""
        return self.target, self.old, str(self.rotations), due, self.proof, self.in_the_way


@section(Cadence.WEEKLY, Cadence.MONTHLY)
def secrets(rows: Rows, window: Window) -> Section | None:
    """The secrets that the window's days were asked about; None when there are none."""
    lines = rows(__file__, SecretLine, {"start": window.start, "end": window.end})
    if not lines:
        return None
    return Section(
        title="Secrets",
        text=summary(lines, window),
        columns=("secret", "age", "rotated:", "next", "the one before", "in the way"),
        rows=tuple(line.cells for line in lines),
        page="secrets",
    )


def summary(lines: Sequence[SecretLine], window: Window) -> str:
    """One sentence: rotated, due, stuck, unknown, each with a few names."""
    rotated = [line for line in lines if line.rotations]
    hurried = [line.target for line in rotated if line.compromised]
    following = window.end + (window.end - window.start)
    due = [line for line in lines if line.due_at and line.due_at < following]
    stuck = [line.target for line in lines if line.wrong]
    unknown = [line.target for line in lines if line.status == "unknown"]
    text = f"{len(rotated)} of {plural(len(lines), 'secret')} rotated{_named(line.target for line in rotated)}"
    text += f"; compromised{_named(hurried)}" if hurried else ""
    text += f"; {len(due)} due before the next report{_named(line.target for line in due)}"
    text += f"; {len(stuck)} with something in the way{_named(stuck)}" if stuck else "; nothing is in the way"
    return text + (f"; {len(unknown)} unknown{_named(unknown)}" if unknown else "")


def _named(names: Iterable[str]) -> str:
    every = list(names)
    more = [f"{len(every) - _FEW} more"] if len(every) > _FEW else []
    return f": {', '.join([*every[:_FEW], *more])}" if every else ""
