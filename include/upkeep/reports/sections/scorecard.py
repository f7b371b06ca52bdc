"""The targets of the whole system over a week, beside twelve weeks before."""

from collections.abc import Sequence

from upkeep.reports.scorecard import Measured, before, measured
from upkeep.reports.section import Section, section
from upkeep.reports.spark import spark
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window


@section(Cadence.WEEKLY, place=0)
def scorecard(rows: Rows, window: Window) -> Section | None:
    """Every target; None while none is known."""
    found = list(measured(rows, before(window)).values())
    newest = [each[-1] for each in found]
    if all(each.met is None for each in newest):
        return None
    return Section(
        title="Scorecard",
        text=_text(newest),
        columns=("measure", "target", "value:", "of:", "", "13 weeks", "made of"),
        rows=tuple(_row(each) for each in found),
        page="scorecard",
    )


def _text(newest: Sequence[Measured]) -> str:
    missed = [each for each in newest if each.met is False]
    unknown = sum(each.met is None for each in newest)
    which = ", ".join(f"{each.name} {each.said} (target {each.target_said})" for each in missed)
    parts = [f"{sum(each.met is True for each in newest)} of {len(newest)} targets met"]
    parts += [f"{len(missed)} missed: {which}"] if missed else []
    parts += [f"{unknown} unknown"] if unknown else []
    return "; ".join(parts)


def _row(weeks: Sequence[Measured]) -> tuple[str, ...]:
    now = weeks[-1]
    line = spark([each.value for each in weeks if each.value is not None])
    state = now.state if now.reason is None else f"unknown: {now.reason}"
    worst = f" ({now.worst})" if now.worst else ""
    return (now.name, now.target_said, f"{now.said}{worst}", now.counts, state, line, now.duty)
