"""How the quarter's disaster drills went: every step of each written plan with its time against the plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from upkeep.humanize import plural, span
from upkeep.reports.section import Section, section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window


@dataclass(frozen=True, slots=True)
class Step:
    """One step; the fields are the columns of the question."""

    target: str
    number: int
    name: str
    kind: str
    result: str
    message: str
    expected_seconds: float | None
    seconds: float | None


@section(Cadence.QUARTERLY)
def drill(rows: Rows, window: Window) -> Section | None:
    """The drills of this window; None when there was none."""
    steps = rows(__file__, Step, {"start": window.start, "end": window.end})
    if not steps:
        return None
    return Section(
        title="Disaster drills",
        text=summary(steps),
        columns=("database", "step", "what", "result", "took:", "by the plan:", "what came of it"),
        rows=tuple(map(_row, steps)),
    )


def summary(steps: Sequence[Step]) -> str:
    """A sentence for each database: how many steps were done, in what time, and what failed or is missing."""
    targets = dict.fromkeys(step.target for step in steps)
    return "; ".join(_of(target, [step for step in steps if step.target == target]) for target in targets)


def _of(target: str, steps: Sequence[Step]) -> str:
    written = [step for step in steps if step.kind != "needed"]
    timed = [step for step in written if step.seconds is not None]
    took, expected = (sum(getattr(step, name) or 0 for step in timed) for name in ("seconds", "expected_seconds"))
    text = (
        f"{target}: {sum(step.result == 'done' for step in written)} of {plural(len(written), 'step')} done in {span(took)}, "
        f"{span(expected)} by the plan"
    )
    wrong = [f"{step.name} {step.result}" for step in steps if step.result in {"failed", "missing", "not reached", "unknown"}]
    return text + (f" ({', '.join(wrong)})" if wrong else "")


def _row(step: Step) -> tuple[str, ...]:
    place = "beside the plan" if step.kind == "needed" else str(step.number)
    times = (span(each) if each is not None else "" for each in (step.seconds, step.expected_seconds))
    return (step.target, place, f"{step.name} ({step.kind})", step.result, *times, step.message)
