"""What a run can say is proven of backups: complete and read back, restored and compared; never that something exited 0."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from upkeep.humanize import plural, size, span
from upkeep.reports.section import Section, section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

_FEW = 3
_WRONG = {"failed": "its restore failed", "differs": "its restore differs"}


@dataclass(frozen=True, slots=True)
class ProofLine:
    """
    One database. `backup` is the newest that was complete by the window's end; `of_window` whether this window's run took it.

    Sizes in bytes, `seconds` all stages together. `proven_at` is the newest restore whose result was what the manifest says;
    `tried` is what came of the newest restore of this very backup. `judged` is what backup_completed said when it found all well.
    """

    target: str
    backup: str | None
    snapshot_at: datetime | None
    of_window: bool
    stored_bytes: int | None
    rows: int | None
    tables: int | None
    seconds: float | None
    proven_at: datetime | None
    tried: str | None
    judged: str | None

    @property
    def text(self) -> str:
        """What there is, with numbers."""
        if self.backup is None:
            return f"none by Upkeep; judged: {self.judged}" if self.judged else "no complete backup"
        older = (
            ""
            if self.of_window or self.snapshot_at is None
            else f"not in this window; the newest is of {self.snapshot_at:%Y-%m-%d}: "
        )
        return older + self.measured + (f"; {_WRONG[self.tried]}" if self.tried in _WRONG else "")

    @property
    def measured(self) -> str:
        """Size, rows and time of its newest complete backup."""
        took = f", {span(self.seconds)}" if self.seconds else ""
        return f"{size(self.stored_bytes or 0)}, {plural(self.rows or 0, 'row')} in {plural(self.tables or 0, 'table')}{took}"

    @property
    def restored(self) -> str:
        """The day of its last proven restore, or "never"."""
        return f"{self.proven_at:%Y-%m-%d}" if self.proven_at else "never"


@section(Cadence.DAILY, Cadence.BACKUPS)
def backup_proof(rows: Rows, window: Window) -> Section | None:
    """The databases that the run's duties about backups were asked about; None when there were none."""
    lines = rows(__file__, ProofLine, {"start": window.start, "end": window.end})
    if not lines:
        return None
    return Section(
        title="What is proven",
        text=summary(lines),
        columns=("database", "complete backup", "content of", "last proven by a restore"),
        rows=tuple((p.target, p.text, f"{p.snapshot_at:%Y-%m-%d}" if p.snapshot_at else "", p.restored) for p in lines),
    )


def summary(lines: Sequence[ProofLine]) -> str:
    """One sentence: how many have a complete backup of this window, a few of them with numbers, and what restores have proven."""
    taken = [line for line in lines if line.of_window]
    judged = [line for line in lines if line.backup is None and line.judged]
    of = plural(len(lines), "database has", "databases have")
    text = f"{len(taken):,} of {of} a complete backup of this window" + (", every object read back: " if taken else "")
    text += _few(f"{line.target} {line.measured}" for line in taken)
    lacking = [line for line in lines if not line.of_window and line not in judged]
    text += f"; without: {_few(line.target for line in lacking)}" if lacking else ""
    text += f"; judged, not taken, by Upkeep: {_few(line.target for line in judged)}" if judged else ""
    wrong = [line for line in lines if line.tried in _WRONG]
    text += f"; not proven: {_few(f'{line.target} ({_WRONG[str(line.tried)]})' for line in wrong)}" if wrong else ""
    restored = _few(f"{line.target} {line.restored}" for line in lines if line not in judged)
    return f"{text}; last proven by a restore: {restored}" if restored else text


def _few(names: Iterable[str]) -> str:
    every = list(names)
    more = [f"{len(every) - _FEW:,} more"] if len(every) > _FEW else []
    return ", ".join([*every[:_FEW], *more])
