"""What is unusual about watched series in a window."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from upkeep.objectives.watched import HALF_DAY, Watched
from upkeep.stats.anomaly.daily import judge_days
from upkeep.stats.anomaly.episodes import anomalies
from upkeep.stats.anomaly.judge import Judged
from upkeep.stats.anomaly.stream import judge_stream
from upkeep.window import Window

LENGTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
LEAST_KNOWN = {"hour": 14 * 24, "day": 14}
"""Values that must be known before one is told: in two weeks every hour of the day and every weekday came twice."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """
    One anomaly of a series that was on in a window: the `values` that lay beyond what was expected, on one `side` of it.

    `rarest` is the rarest of those in the window, and `n` the values that were known before it. It is `open` while the newest
    known value is one of them.
    """

    watched: Watched
    values: tuple[Judged, ...]
    side: int
    open: bool
    rarest: Judged
    n: int

    @property
    def rule(self) -> str:
        """What moved, and whereto."""
        return f"{self.watched.rule}_{'rise' if self.side > 0 else 'fall'}"

    @property
    def since(self) -> datetime:
        """Start of its first hour or day."""
        return self._start(self.values[0])

    @property
    def until(self) -> datetime:
        """Start of its last hour or day."""
        return self._start(self.values[-1])

    @property
    def at(self) -> datetime:
        """Start of its rarest hour or day."""
        return self._start(self.rarest)

    def _start(self, value: Judged) -> datetime:
        start = value.at if self.watched.step == "hour" else value.at - HALF_DAY
        return start.astimezone(UTC)

    def with_other(self, other: "Unusual") -> bool:
        """Whether another series was unusual at the same time."""
        ends = self.until + LENGTHS[self.watched.step], other.until + LENGTHS[other.watched.step]
        return other is not self and other.since < ends[0] and self.since < ends[1]


def young(series: Watched) -> bool:
    """Whether too little is known of it to say what is usual."""
    return series.known < LEAST_KNOWN[series.step]


def unusual(series: Watched, window: Window, rare: float) -> Iterator[Unusual]:
    """Its anomalies that were on in the window, oldest first."""
    known = [(at, value) for at, value in series.points if value is not None]
    judged = judge_stream(known) if series.step == "hour" else judge_days(series.points)
    places = {at: place for place, (at, _) in enumerate(known)}
    for anomaly in anomalies(judged, rare=rare):
        values = tuple(value for value in anomaly.values if _worth(series, value, anomaly.side))
        inside = [value for value in values if window.contains(value.at)]
        if anomaly.side in series.sides and inside:
            rarest = min(inside, key=lambda value: (value.chance, value.at))
            n = places[rarest.at]
            if n >= LEAST_KNOWN[series.step]:
                yield Unusual(series, values, anomaly.side, values[-1].at == known[-1][0], rarest, n)


def _worth(series: Watched, value: Judged, side: int) -> bool:
    beyond = value.value > value.high if side > 0 else value.value < value.low
    return beyond and abs(value.value - value.middle) >= max(series.worth, series.worth_share * abs(value.middle))


def together(one: Unusual, every: Sequence[Unusual]) -> list[str]:
    """The other series that were unusual at the same time."""
    return sorted({other.watched.name for other in every if one.with_other(other)})
