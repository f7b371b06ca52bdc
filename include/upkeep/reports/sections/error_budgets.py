"""What is left of the error budgets of services, and how that came over a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from upkeep.humanize import plural, share
from upkeep.reports.chart import MOST_SERIES, Chart, Series
from upkeep.reports.section import Section, section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

_SHOWN = timedelta(days=30)
_COLUMNS = ("service", "objective", "left:", "bad:", "may be bad:", "requests:", "days:")


@dataclass(frozen=True, slots=True)
class Told:
    """An objective at the end of a window; `budget_left` is None where there were no requests."""

    service: str
    objective: str
    told_at: datetime
    days: int
    requests: int
    bad: int
    allowed: float
    budget_left: float | None

    @property
    def name(self) -> str:
        """Which objective of which service."""
        return f"{self.service} {self.objective}"

    @property
    def said(self) -> str:
        """How much is left, for people."""
        return "unknown" if self.budget_left is None else share(self.budget_left)


Past = Sequence[Told]


@section(Cadence.WEEKLY, Cadence.MONTHLY)
def error_budgets(rows: Rows, window: Window) -> Section | None:
    """Every objective that was judged in this window, the least left first; None when none was."""
    found = rows(__file__, Told, {"since": window.end - max(_SHOWN, window.length), "end": window.end})
    every = [list(mine) for _, mine in groupby(found, key=lambda each: each.name)]
    told = sorted((past for past in every if past[-1].told_at >= window.start), key=_least_first)
    if not told:
        return None
    return Section(
        title="Error budgets",
        text=_text([past[-1] for past in told]),
        columns=_COLUMNS,
        rows=tuple(_row(past[-1]) for past in told),
        page="services",
        charts=tuple(_charts(told, window)),
    )


def _least_first(past: Past) -> tuple[bool, float, str]:
    left = past[-1].budget_left
    return left is None, left or 0.0, past[-1].name


def _text(newest: Past) -> str:
    least = newest[0]
    spent = sum(each.budget_left is not None and each.budget_left <= 0 for each in newest)
    unknown = sum(each.budget_left is None for each in newest)
    parts = [f"{plural(len(newest), 'objective')}, {least.said} left of {least.name}, which is the least"]
    parts += [f"{spent} spent"] if spent else []
    parts += [f"{unknown} unknown"] if unknown else []
    return "; ".join(parts)


def _row(now: Told) -> tuple[str, ...]:
    numbers = (f"{now.bad:,}", f"{now.allowed:,.0f}", f"{now.requests:,}", f"{now.days}")
    return (now.service, now.objective, now.said, *numbers)


def _charts(told: Sequence[Past], window: Window) -> Sequence[Chart]:
    shown = told[:MOST_SERIES]
    days = sorted({each.told_at.astimezone(window.start.tzinfo).date() for past in shown for each in past})
    if all(each.budget_left is None for past in shown for each in past):
        return ()
    lines = []
    for past in shown:
        left = {each.told_at.astimezone(window.start.tzinfo).date(): each.budget_left for each in past}
        lines.append(Series(past[-1].name, tuple(None if (one := left.get(day)) is None else 100 * one for day in days)))
    return (
        Chart(
            title="Error budgets that are left",
            text=f"A line for each objective, day by day. {_text([past[-1] for past in told])}",
            unit="% of the requests that may be bad; below 0 it is overspent",
            kind="lines",
            labels=tuple(f"{day:%d %b}" for day in days),
            series=tuple(lines),
            limit=0.0,
        ),
    )
