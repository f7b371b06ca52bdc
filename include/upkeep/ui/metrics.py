"""Numbers of one target over time, as plots: a plot a number, a line for each of its parts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from upkeep.ui import links
from upkeep.ui.database import Rows
from upkeep.ui.formatting import labelled
from upkeep.ui.plots import leading, scattered

SHOWN, LINES, RAW_DAYS = 6, 8, 31


@dataclass(frozen=True, slots=True)
class Plot:
    """One number over time."""

    duty: str
    title: str
    note: str
    data: dict[str, Any]


def names(rows: Rows, target: str, now: datetime, days: int) -> list[Any]:
    """What there is to plot. A month or less is shown as measured, more by days."""
    return rows("metric_names_raw" if days <= RAW_DAYS else "metric_names", target=target, since=now - timedelta(days=days))


def plots(rows: Rows, target: str, chosen: Sequence[Any], now: datetime, days: int) -> list[Plot]:
    """Plots of the chosen numbers; of a number with many parts the largest few."""
    points = rows(
        "metric_moments" if days <= RAW_DAYS else "metric_days",
        target=target,
        duties=[name.duty for name in chosen],
        names=[name.name for name in chosen],
        since=now - timedelta(days=days),
    )
    wanted = {(name.duty, name.name) for name in chosen}
    grouped = groupby(points, key=lambda point: (point.duty, point.name))
    made = [_plot(duty, name, list(members)) for (duty, name), members in grouped if (duty, name) in wanted]
    return [_leading(each, target, days) for each in made]


def _leading(one: Plot, target: str, days: int) -> Plot:
    rows = links.page("answer", duty=one.duty, target=target)
    return replace(one, data=leading(one.data, rows, "at" if days <= RAW_DAYS else "day"))


def _plot(duty: str, name: str, points: list[Any]) -> Plot:
    parts: dict[str, dict[datetime, float | None]] = {}
    for point in points:
        parts.setdefault(labelled(point.labels) or "value", {})[point.at] = point.value
    largest = sorted(parts, key=lambda label: -abs(parts[label][max(parts[label])] or 0))[:LINES]
    note = duty if len(parts) == len(largest) else f"{duty}: the largest {LINES} of {len(parts)}"
    return Plot(duty, name.replace("_", " "), note, scattered(points[0].unit, {label: parts[label] for label in largest}))
