"""The hours of a week in which an anomaly was, with what was expected in its rarest one."""

from datetime import UTC

from upkeep.objectives.minutes import stored_minutes
from upkeep.objectives.watched import Least, Watched, hourly
from upkeep.reports.chart import Chart, Series
from upkeep.reports.investigation.episode import Episode
from upkeep.sources.rows import Rows
from upkeep.units import Unit
from upkeep.window import Window

_LEAST = Least(seen=0.9, requests=200, share=0.0, difference=0.0)


class Drawer:
    """Draws anomalies of series by hours; the minutes of each service are read once."""

    def __init__(self, rows: Rows, window: Window) -> None:
        self._rows, self._window = rows, window
        self._known: dict[str, dict[str, Watched]] = {}

    def charts(self, one: Episode) -> tuple[Chart, ...]:
        """One chart, or none for a series by days. Raises BrokenError."""
        series = self._series(one.service).get(one.series)
        return (_chart(one, series),) if series and any(at == one.at for at, _ in series.points) else ()

    def _series(self, service: str) -> dict[str, Watched]:
        if service not in self._known:
            minutes = stored_minutes(self._rows, service, self._window)
            self._known[service] = {each.name: each for each in hourly(minutes, _LEAST)}
        return self._known[service]


def _chart(one: Episode, series: Watched) -> Chart:
    times, scale = 100 if one.unit == Unit.SHARE else 1, "%" if one.unit == Unit.SHARE else one.series
    came = tuple(one.value if at == one.at else value for at, value in series.points)
    expected = (("expected at most", one.high), ("expected", one.expected), ("expected at least", one.low))
    lines = [
        ("came", came),
        *((name, tuple(value if at == one.at else None for at, _ in series.points)) for name, value in expected),
    ]
    return Chart(
        title=f"{one.name}, hour by hour",
        text=f"{one.said(one.value)} came in the rarest hour, {one.range} was expected, which is marked by points.",
        unit=scale,
        kind="lines",
        labels=tuple(f"{at.astimezone(UTC):%a %H} h" for at, _ in series.points),
        series=tuple(Series(name, tuple(None if each is None else times * each for each in line)) for name, line in lines),
    )
