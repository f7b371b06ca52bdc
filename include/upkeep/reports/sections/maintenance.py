"""What was vacuumed and analyzed, and what it gave."""

from dataclasses import dataclass

from upkeep.humanize import plural, size, span
from upkeep.reports.section import Section, section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window


@dataclass(frozen=True, slots=True)
class Kept:
    """One target and kind of work: tables done and not done, dead rows predicted, removed and kept, bytes and seconds."""

    target: str
    action: str
    done: int
    others: int
    predicted: float
    removed: float
    kept: float
    freed_bytes: float
    wal_bytes: float
    seconds: float


@section(Cadence.WEEKLY, Cadence.MONTHLY)
def maintenance(rows: Rows, window: Window) -> Section | None:
    """Work of runs of this window; None when there was none."""
    found = rows(__file__, Kept, {"start": window.start, "end": window.end})
    if not found:
        return None
    return Section(
        title="Tables kept in shape",
        text=_summary(found),
        columns=(
            "target",
            "done",
            "tables:",
            "not done:",
            "dead rows removed:",
            "of predicted:",
            "kept:",
            "freed:",
            "WAL:",
            "time:",
        ),
        rows=tuple(_row(work) for work in found),
    )


def _summary(found: list[Kept]) -> str:
    verbs = {"vacuum": "vacuumed", "analyze": "analyzed"}
    parts = [
        f"{plural(done, 'table')} {verb}"
        for action, verb in verbs.items()
        if (done := sum(work.done for work in found if work.action == action))
    ]
    removed, kept, others = (sum(getattr(work, name) for work in found) for name in ("removed", "kept", "others"))
    parts += [f"{removed:,.0f} dead rows removed"] if removed else []
    parts += [f"{kept:,.0f} kept for somebody who may need them"] if kept else []
    parts += [f"{plural(others, 'table')} could not be reached"] if others else []
    return "; ".join(parts)


def _row(work: Kept) -> tuple[str, ...]:
    is_vacuum = work.action == "vacuum"
    counts = (f"{work.removed:,.0f}", f"{work.predicted:,.0f}", f"{work.kept:,.0f}") if is_vacuum else ("", "", "")
    sizes = (size(max(work.freed_bytes, 0)), size(work.wal_bytes)) if is_vacuum else ("", "")
    return (work.target, work.action, f"{work.done:,}", f"{work.others:,}", *counts, *sizes, span(work.seconds))
