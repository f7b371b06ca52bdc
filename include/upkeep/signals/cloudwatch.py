"""What CloudWatch tells of a service: counts by minutes, and percentiles that are never averaged."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from upkeep.errors import BrokenError, CannotAskError
from upkeep.humanize import span
from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import MINUTE, Minute, Minutes
from upkeep.signals.place import SHARES, EndpointsTold, Told
from upkeep.sources.aws_metrics import MetricAsked, MetricSeries, metric_series, minute_series, whole_minutes
from upkeep.sources.aws_reading import AwsReader
from upkeep.window import Window

if TYPE_CHECKING:
    from upkeep.signals.kinds.cloudwatch import CloudWatchPlace

KEPT = timedelta(days=15)
"""As long CloudWatch keeps minutes. Five minutes it keeps for 63 days, hours for 455."""
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class CloudWatchSignals:
    """A place of CloudWatch, read through one client."""

    place: "CloudWatchPlace"
    reader: AwsReader

    def check(self) -> str:
        """Whether CloudWatch knows the metrics. Raises CannotAskError when it knows none that counts requests."""
        names, wanted = self._known(), self.place.asked
        if not names & set(wanted.requests):
            raise CannotAskError(
                f"{self.place.described} has no metric {' or '.join(wanted.requests)} in two weeks",
                "correct signals.dimensions: all that CloudWatch shows of the metric, and no others",
            )
        told = ", ".join(sorted(names & {*wanted.counts, wanted.latency}))
        return f"{self.place.described} has {told}"

    def tell(self, window: Window, slow_s: float) -> Told:
        """Minutes of the window; those that CloudWatch may still add to are unseen."""
        self.check()
        start, end = whole_minutes(window.start, window.end)
        trusted = self._trusted(start, end)
        minutes = Minutes(start, tuple(self._minutes(start, end, trusted, slow_s)))
        return Told(minutes, self._latency(start, min(end, trusted), minutes.total.requests))

    def endpoints(self, window: Window) -> EndpointsTold:  # noqa: ARG002 - none are told apart
        """None: raises CannotAskError."""
        raise CannotAskError(f"{self.place.described} does not tell endpoints apart", "read them from an access log")

    def _known(self) -> set[str]:
        """Names of metrics that have exactly these dimensions."""
        wanted = dict(self.place.dimensions)
        asked = {"Namespace": self.place.asked.namespace, "Dimensions": [{"Name": k, "Value": v} for k, v in wanted.items()]}
        pages = self.reader.pages("list_metrics", **asked)
        found = [metric for page in pages for metric in page["Metrics"]]
        return {metric["MetricName"] for metric in found if {d["Name"]: d["Value"] for d in metric["Dimensions"]} == wanted}

    def _trusted(self, start: datetime, end: datetime) -> datetime:
        """
        Until when minutes are whole, by the time that AWS says it is.

        Raises BrokenError for a window that has just ended, which is worth asking again, and CannotAskError for one that
        CloudWatch no longer keeps.
        """
        now, late = self.reader.answered_at, timedelta(seconds=self.place.late)
        if now is None:
            raise BrokenError(
                f"{self.place.described} did not say what time it is", "see what stands between it and here", retry=True
            )
        if start < now - KEPT:
            raise CannotAskError(
                f"CloudWatch keeps minutes for {KEPT.days} days: those of {start:%Y-%m-%d} are gone",
                "keep what was stored at its time, or read older windows from an access log",
            )
        if now - late < end <= now:
            raise BrokenError(
                f"the last minutes of the window are not whole yet: it ended {span((now - end).total_seconds())} ago, CloudWatch "
                f"may take {span(self.place.late)}",
                "ask again later",
                retry=True,
            )
        return (min(end, now - late)).replace(second=0, microsecond=0)

    def _minutes(self, start: datetime, end: datetime, trusted: datetime, slow_s: float) -> list[Minute | None]:
        wanted, slow = self.place.asked, self._slow(slow_s)
        asked = {name: self._asked(name, "Sum", 60) for name in wanted.counts}
        found = minute_series(self.reader, [*asked.values(), *([slow] if slow else [])], start, min(end, trusted))
        counts = {name: found[each] for name, each in asked.items()}
        times = [start + place * MINUTE for place in range((end - start) // MINUTE)]
        return [None if at >= trusted else self._minute(at, counts, found[slow] if slow else None) for at in times]

    def _minute(self, at: datetime, counts: dict[str, MetricSeries], slow: MetricSeries | None) -> Minute | None:
        wanted = self.place.asked
        if not any(at in series.points for series in counts.values()):
            return Minute(0, slow=0) if self.place.gaps == "quiet" else None
        requests, errors, refused = (
            round(sum(counts[name].points.get(at, 0.0) for name in names))
            for names in (wanted.requests, wanted.errors, wanted.refused)
        )
        requests = max(requests, errors + refused)
        late = None if slow is None or at not in slow.points else min(requests, round(slow.points[at]))
        return Minute(requests, errors, refused, slow=late)

    def _slow(self, slow_s: float) -> MetricAsked | None:
        """How many answers took longer: a trimmed count of those above."""
        name = self.place.asked.latency
        limit = slow_s / self.place.asked.seconds
        return self._asked(name, f"TC({limit:.15g}:)", 60) if name and self.place.counts_slow else None

    def _latency(self, start: datetime, end: datetime, n: int) -> tuple[Percentile, ...]:
        name = self.place.asked.latency
        if name is None or not n:
            return ()
        asked = {share: f"p{share * 100:.15g}" for share in SHARES}
        length = round((end - start).total_seconds())
        if length <= _DAY_S:
            whole = self._percentiles(name, asked, length, start, end)
            # Only a value that is said to be of the whole window is: CloudWatch may cut time elsewhere.
            if whole and all(list(points) == [start] for points in whole.values()):
                return tuple(_between(share, list(points.values()), n) for share, points in whole.items())
        # The percentile of a day lies between the least and the largest of its hours; their mean is none of it.
        parts = self._percentiles(name, asked, _part_s(start, end), start, end)
        return tuple(_between(share, list(points.values()), n) for share, points in parts.items())

    def _percentiles(
        self, name: str, stats: dict[float, str], period_s: int, start: datetime, end: datetime
    ) -> dict[float, dict[datetime, float]]:
        """Values in seconds of each share that has any."""
        asked = {share: self._asked(name, stat, period_s) for share, stat in stats.items()}
        found = metric_series(self.reader, list(asked.values()), start, end)
        scale = self.place.asked.seconds
        told = {share: {at: value * scale for at, value in found[each].points.items()} for share, each in asked.items()}
        return {share: points for share, points in told.items() if points}

    def _asked(self, name: str, stat: str, period_s: int) -> MetricAsked:
        return MetricAsked(self.place.asked.namespace, name, tuple(sorted(self.place.dimensions.items())), stat, period_s)


def _part_s(start: datetime, end: datetime) -> int:
    """The longest part that a window is made of as CloudWatch cuts time: in some zones days begin at half or quarter hours."""
    return next(length for length in (3_600, 900, 60) if not start.timestamp() % length and not end.timestamp() % length)


def _between(share: float, seconds: list[float], n: int) -> Percentile:
    return Percentile(share, min(seconds), max(seconds), n)
