"""Packages with known faults, by what closes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from upkeep.humanize import plural
from upkeep.reports.section import Section, section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """One package that has open faults: where, how many, and the version to go to; None where none is known."""

    ecosystem: str
    package: str
    fix: str | None
    targets: Sequence[str]
    faults: int
    overdue: int
    exploited: int
    worst: str
    due_at: datetime | None

    @property
    def change(self) -> str:
        """What to do, in words."""
        return f"{self.package} to {self.fix}" if self.fix else f"{self.package}: no mended version"


@section(Cadence.WEEKLY)
def known_faults(rows: Rows, window: Window) -> Section | None:
    """Faults of this window's answers, by the change that closes them; None when there are none."""
    found = rows(__file__, Wanted, {"start": window.start, "end": window.end})
    if not found:
        return None
    return Section(
        title="Known faults of packages",
        text=_summary(found),
        columns=("change", "repositories", "worst", "faults:", "overdue:", "exploited:", "due"),
        rows=tuple(_row(one) for one in found),
    )


def _summary(found: list[Wanted]) -> str:
    faults, overdue, exploited = (sum(getattr(one, name) for one in found) for name in ("faults", "overdue", "exploited"))
    fixed = [one for one in found if one.fix]
    parts = [f"{plural(faults, 'known fault')} in {plural(len(found), 'package')}"]
    parts += [f"{exploited} known to be exploited"] if exploited else []
    parts += [f"{overdue} overdue"] if overdue else []
    more = f" and {len(fixed) - _NAMED} more" if len(fixed) > _NAMED else ""
    parts += [f"first {', '.join(one.change for one in fixed[:_NAMED])}{more}"] if fixed else []
    return "; ".join(parts)


def _row(one: Wanted) -> tuple[str, ...]:
    due = f"{one.due_at.astimezone(UTC):%Y-%m-%d}" if one.due_at else ""
    return (one.change, ", ".join(one.targets), one.worst, f"{one.faults:,}", f"{one.overdue:,}", f"{one.exploited:,}", due)
