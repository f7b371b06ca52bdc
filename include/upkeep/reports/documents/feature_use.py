"""The month's use of features: what each is used, which are not, and whose record says otherwise."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby, islice
from statistics import median

from upkeep.humanize import plural
from upkeep.reports.chart import MOST_SERIES, Chart, Series
from upkeep.reports.feature_use.measure import COLUMNS, Measure, measures
from upkeep.reports.feature_use.record import Feature, features
from upkeep.reports.report import Report, report
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

MOST_CHARTS = 3
_ABOUT = ("feature", "stage", "owner", "verdict")


@report(Cadence.MONTHLY)
def feature_use(rows: Rows, window: Window) -> Report | None:
    """
    Features with the numbers of `usage` about them, those to look at first, and every other number; None where there is neither.

    A number is about a feature when its name begins with that of the feature's file. A month is told by its middle day, since
    people who come on several days cannot be added up. What nobody measured is not unused.
    """
    every = measures(rows, window)
    found = sorted(features(rows, window, every), key=lambda each: not each.wrong)
    if not every and not found:
        return None
    mine = {id(measure) for each in found for measure in each.measures}
    others = [each for each in every if id(each) not in mine]
    parts = [_features(found)] if found else []
    parts += [_others(others)] if others else []
    headline = ". ".join(part.text for part in parts) + "."
    parts += [_drawn(every)] if every else []
    return Report(title=f"Use of features, {window.start:%Y-%m}", headline=headline, sections=tuple(parts))


def _features(found: Sequence[Feature]) -> Section:
    unused = [each for each in found if each.record.live and each.used is False]
    unmeasured = sum(not each.measures for each in found)
    otherwise = sum("though" in each.said for each in found)
    names = f" ({', '.join(each.record.feature for each in unused[:3])})" if unused else ""
    live = f"{plural(len(found), 'feature')}: {len(unused)} live and not used{names}"
    text = f"{live}, {unmeasured} not measured, {otherwise} whose record says otherwise"
    table = tuple(row for each in found for row in _cells(each))
    return Section(title="Features", text=text, columns=(*_ABOUT, *COLUMNS), rows=table)


def _cells(each: Feature) -> Iterator[tuple[str, ...]]:
    record = each.record
    about = (f"{record.feature} ({record.repository})", record.stage, record.owner or "nobody", each.said)
    for measure in each.measures:
        yield *about, *measure.cells
    if not each.measures:
        yield *about, *[""] * len(COLUMNS)


def _others(others: Sequence[Measure]) -> Section:
    silent = sum(not each.now for each in others)
    text = f"{plural(len(others), 'number')} of no feature" + (f", {silent} without a value in the month" if silent else "")
    return Section(title="Other use", text=text, columns=COLUMNS, rows=tuple(each.cells for each in others), page="services")


def _drawn(every: Sequence[Measure]) -> Section:
    charts = (_chart(list(mine)) for _, mine in groupby(every, key=lambda each: each.service))
    shown = tuple(islice((chart for chart in charts if chart), MOST_CHARTS))
    return Section(title="Day by day", text=f"{plural(len(every), 'number')} over this month and the time before", charts=shown)


def _chart(mine: Sequence[Measure]) -> Chart | None:
    """Each number against its own middle, so that people and shares fit into one picture; None where all are zero."""
    moved = sorted(mine, key=lambda each: -abs(each.change or 0.0))
    shown = [(each, middle) for each in moved if (middle := median([*each.before.values(), *each.now.values()])) > 0]
    days = sorted({day for each, _ in shown[:MOST_SERIES] for day in (*each.before, *each.now)})
    if not days:
        return None
    lines = [_line(each, middle, days) for each, middle in shown[:MOST_SERIES]]
    return Chart(
        title=f"Use of {mine[0].service}",
        text=f"A line for each of {plural(len(lines), 'number')}, day by day, those that moved most first.",
        unit="% of its own middle over both months",
        kind="lines",
        labels=tuple(f"{day:%d %b}" for day in days),
        series=tuple(lines),
    )


def _line(each: Measure, middle: float, days: Sequence[date]) -> Series:
    every = each.before | each.now
    return Series(each.name, tuple(100 * every[day] / middle if day in every else None for day in days))
