"""What a service runs on, as Prometheus tells it: processors, memory, disks, restarts, latency of the network."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from math import isfinite
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from upkeep.field_types import ConnectionId, Seconds
from upkeep.signals.counters import increases
from upkeep.signals.preset_file import known, written
from upkeep.signals.raw_counters import raw_counters
from upkeep.signals.scrapes import Scrapes
from upkeep.sources.connections import Connections
from upkeep.sources.prometheus import Prometheus, open_prometheus
from upkeep.sources.prometheus_series import Labels, Series
from upkeep.window import Window

STEP, LEAD = timedelta(minutes=5), timedelta(minutes=5)


class Measure(BaseModel):
    """One number of each thing: a query asked at steps, or the exact increase of a counter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    query: str | None = None
    counter: str | None = None
    judge: Literal["average", "peak"] = "average"
    object: tuple[str, ...]


class Group(BaseModel):
    """The measures of one exporter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    measures: Mapping[str, Measure]


@cache
def groups() -> dict[str, Group]:
    """The ready-made ones, by name."""
    return {name: Group.model_validate(each) for name, each in written("infrastructure").items()}


def _known(name: str) -> str:
    return known(name, groups())


class InfrastructurePlace(BaseModel):
    """A server with Prometheus' HTTP API, and which of its series are of what the service runs on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connection: ConnectionId = Field(description="Airflow connection of type http to Prometheus or its like")
    preset: Annotated[str, AfterValidator(_known)] = Field(description="Who tells: node, kubernetes, blackbox, or up")
    match: str = Field(min_length=1, description='Matchers of the series, such as instance=~"web.*"')
    timeout: Seconds = Field(default=60, description="Longest that a question may take, such as 60 s")

    def check(self, connections: Connections) -> str:
        """How many series its matchers find at present, for doctor."""
        return open_prometheus(connections, self.connection, self.timeout).look(f"{{{self.match}}}")


@dataclass(frozen=True, slots=True)
class Measured:
    """One number of one thing over a window; `n` samples of `expected` were there."""

    measure: str
    object: str
    value: float
    n: int
    expected: int

    @property
    def coverage(self) -> float:
        """The share of samples that were there."""
        return min(1.0, self.n / self.expected)


def measured(server: Prometheus, place: InfrastructurePlace, window: Window) -> Iterator[Measured]:
    """Every measure of a place. Raises BrokenError and CannotAskError."""
    for name, measure in groups()[place.preset].measures.items():
        if measure.query:
            yield from _looked_at(server, name, measure, measure.query.replace("{match}", place.match), window)
        elif measure.counter:
            yield from _counted(server, name, measure, measure.counter.replace("{match}", place.match), window)


def once_each(every: Iterable[Measured]) -> Sequence[Measured]:
    """Of what several tell of the same thing, such as two jobs that scrape one host, that of the most samples."""
    found: dict[tuple[str, str], Measured] = {}
    for each in every:
        key = each.measure, each.object
        if key not in found or each.n > found[key].n:
            found[key] = each
    return list(found.values())


def _looked_at(server: Prometheus, name: str, measure: Measure, query: str, window: Window) -> Iterator[Measured]:
    """At each whole step inside the window; each value tells of the five minutes before it."""
    expected = max(1, int(window.length / STEP))
    for series in server.range(query, window.start + STEP, window.end, STEP):
        numbers = [value for value in series.values if isfinite(value)]
        if numbers:
            value = max(numbers) if measure.judge == "peak" else sum(numbers) / len(numbers)
            yield Measured(name, _object(series.labels, measure.object), value, len(numbers), expected)


def _counted(server: Prometheus, name: str, measure: Measure, selector: str, window: Window) -> Iterator[Measured]:
    things: dict[str, list[Series]] = defaultdict(list)
    for series in raw_counters(server, selector, window.start - LEAD, window.end):
        things[_object(series.labels, measure.object)].append(series)
    every = {thing: _one(told) for thing, told in things.items()}
    start = window.start.timestamp()
    for thing, series in every.items():
        times = [time for time in series.times if time > start]
        more = sum(count for time, count in increases(series, Scrapes({}, {}), [series]) if time > start)
        yield Measured(name, thing, more, len(times), _expected(list(every.values()), start))


def _one(told: Sequence[Series]) -> Series:
    """What is told of one thing: by the series of the most samples, and before and after it by others, whoever tells it then."""
    fullest = max(told, key=lambda each: len(each.times))
    first, last = fullest.times[0], fullest.times[-1]
    others = {
        time: value for each in told for time, value in zip(each.times, each.values, strict=True) if not first <= time <= last
    }
    samples = sorted([*others.items(), *zip(fullest.times, fullest.values, strict=True)])
    return Series(fullest.labels, [time for time, _ in samples], [value for _, value in samples])


def _expected(every: Sequence[Series], start: float) -> int:
    """As many as the series that was seen most often has."""
    return max(1, *(sum(time > start for time in series.times) for series in every))


def _object(labels: Labels, names: Sequence[str]) -> str:
    return " ".join(labels[name] for name in names if labels.get(name)) or "all"
