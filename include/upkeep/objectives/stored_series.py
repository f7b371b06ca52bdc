"""Daily numbers that other duties stored, as series in which anomalies are looked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from upkeep.objectives.watched import HALF_DAY, Least, Watched
from upkeep.sources.rows import Rows
from upkeep.units import Unit
from upkeep.window import Window


@dataclass(frozen=True, slots=True)
class _Day:
    """`low` and `high` are bounds of the value: the same but for percentiles out of histograms."""

    rule: str
    series: str
    unit: str
    ends_at: datetime
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose numbers are looked at: those of `duties` about any of `targets`, and those that are called one of `names`."""

    service: str
    targets: Sequence[str]
    duties: Sequence[str]
    names: Sequence[str]


def daily(rows: Rows, asked: Asked, window: Window, least: Least) -> Iterator[Watched]:
    """The 95th percentile of latency, and stored metrics, by days. Raises BrokenError when the report database is away."""
    params = {
        "service": asked.service,
        "targets": [*asked.targets],
        "duties": [*asked.duties],
        "names": [*asked.names],
        "end": window.end,
        "seen": least.seen,
        "least": least.requests,
    }
    for _, each in groupby(rows(__file__, _Day, params), key=lambda day: (day.rule, day.series)):
        yield _watched(list(each), least)


def _watched(days: Sequence[_Day], least: Least) -> Watched:
    newest = days[-1]
    sides = (1,) if newest.rule == "p95" else (1, -1)
    unit = Unit(newest.unit)
    # The bounds of a bucket are no news: a percentile must leave what was expected by more than its own width.
    width = max(((day.high or 0) - (day.low or 0) for day in days if day.high is not None), default=0.0)
    difference = least.difference if unit is Unit.SHARE else width
    share = 0.0 if unit is Unit.SHARE else least.share
    # The middle of a window is in the day that it is about, whatever the zone of its midnight.
    points = tuple((day.ends_at - HALF_DAY, day.value) for day in days)
    return Watched(newest.rule, newest.series, unit, "day", points, sides, difference, share)
