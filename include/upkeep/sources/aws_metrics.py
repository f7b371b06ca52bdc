"""Metrics of CloudWatch over whole days, by GetMetricData: 500 in a call, every page, gaps left as gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from upkeep.errors import BrokenError
from upkeep.sources.aws_reading import AwsReader

MOST_QUERIES = 500
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class MetricAsked:
    """One metric of one resource: `stat` is Average, Sum, Maximum, Minimum, SampleCount, p95 or TC(0.5:) over each `period_s`."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    stat: str
    period_s: int = _DAY_S


@dataclass
class MetricSeries:
    """
    What CloudWatch has of it: a value for each period that has one, in UTC. Periods without any are gaps, not zeros.

    Of one that CloudWatch `failed` to tell, every day is a gap.
    """

    points: dict[datetime, float] = field(default_factory=dict)
    failed: bool = False

    def days(self) -> set[date]:
        """Days that have a value."""
        return {at.date() for at in self.points}

    def gaps(self, start: datetime, end: datetime) -> int:
        """How many of the days from `start` to `end` (excluded) have none."""
        known = set() if self.failed else {day for day in self.days() if start.date() <= day < end.date()}
        return (end - start).days - len(known)

    @property
    def highest(self) -> float:
        """The highest value; 0 without any."""
        return max(self.points.values(), default=0.0)

    @property
    def total(self) -> float:
        """All values added up."""
        return sum(self.points.values())


def metric_series(
    reader: AwsReader, asked: Sequence[MetricAsked], start: datetime, end: datetime
) -> dict[MetricAsked, MetricSeries]:
    """
    Every metric from `start` to `end` (excluded). AWS takes 0.01 USD for a thousand.

    Raises DeniedError without the right, and BrokenError when AWS stays busy.
    """
    every = list(dict.fromkeys(asked))
    found: dict[MetricAsked, MetricSeries] = {each: MetricSeries() for each in every}
    for at in range(0, len(every), MOST_QUERIES):
        batch = {f"m{number}": each for number, each in enumerate(every[at : at + MOST_QUERIES])}
        queries = [_query(name, each) for name, each in batch.items()]
        last: dict[str, str] = {}
        for page in reader.pages("get_metric_data", MetricDataQueries=queries, StartTime=start, EndTime=end):
            for result in page.get("MetricDataResults", ()):
                last[result["Id"]] = result.get("StatusCode", "")
                _keep(result, found[batch[result["Id"]]], start, end)
        for name, each in batch.items():
            # In part, without a page that has the rest, or not told of at all.
            found[each].failed |= last.get(name, "PartialData") == "PartialData"
    return found


def minute_series(
    reader: AwsReader, asked: Sequence[MetricAsked], start: datetime, end: datetime
) -> dict[MetricAsked, MetricSeries]:
    """
    The same for metrics by minutes: a day at a time, and so below what one answer may hold (100,800 values) for up to 70 metrics.

    Bounds are whole minutes. Raises BrokenError, beside what `metric_series` raises, when CloudWatch failed to tell one of them.
    """
    found = {each: MetricSeries() for each in asked}
    while start < end:
        until = min(end, start + timedelta(days=1))
        for each, series in metric_series(reader, asked, start, until).items():
            if series.failed:
                raise BrokenError(f"CloudWatch failed to tell {each.name} ({each.stat})", "ask again later", retry=True)
            found[each].points.update(series.points)
        start = until
    return found


def whole_minutes(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The same moments at whole minutes around them: CloudWatch moves others, and then counts half minutes."""
    first, last = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    return first, last if last == end else last + timedelta(minutes=1)


def _keep(result: Mapping[str, Any], series: MetricSeries, start: datetime, end: datetime) -> None:
    if result.get("StatusCode") in {"InternalError", "Forbidden"}:
        series.failed = True
    for at, value in zip(result["Timestamps"], result["Values"], strict=True):
        moment = at.astimezone(UTC)
        if start <= moment < end:
            series.points[moment] = float(value)


def _query(name: str, asked: MetricAsked) -> dict[str, Any]:
    dimensions = [{"Name": key, "Value": value} for key, value in asked.dimensions]
    metric = {"Namespace": asked.namespace, "MetricName": asked.name, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": asked.period_s, "Stat": asked.stat}, "ReturnData": True}


def whole_days(now: datetime, days: int) -> tuple[datetime, datetime]:
    """The last whole days (UTC) before a moment, as start and end (excluded)."""
    end = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return end - timedelta(days=days), end
