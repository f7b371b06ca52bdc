"""Signals by Prometheus: counters counted exactly from their raw samples."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import isclose
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from upkeep.errors import CannotAskError
from upkeep.field_types import ConnectionId, Seconds
from upkeep.signals.bucket_counts import Cumulative, percentiles
from upkeep.signals.bucket_increase import bound, by_endpoint
from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import Minutes
from upkeep.signals.place import SHARES, EndpointsTold, EndpointTold, SignalPlace, Told
from upkeep.signals.preset_file import known
from upkeep.signals.prometheus_preset import Preset, presets
from upkeep.signals.raw_counters import raw_counters
from upkeep.signals.scraped_minutes import Grid, counted, few_times, minutes, notes, seen
from upkeep.signals.scrapes import Scrapes, target_of
from upkeep.signals.slow_answers import slow_answers
from upkeep.sources.connections import Connections
from upkeep.sources.prometheus import Prometheus, open_prometheus
from upkeep.sources.prometheus_series import Labels, Series
from upkeep.window import Window

LEAD = timedelta(minutes=5)
"""How long before a window samples are read, to know what a counter stood at when it began."""
_FINE, _COARSE, _SHORT = timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=3)


def _known(name: str) -> str:
    return known(name, presets())


class PrometheusPlace(SignalPlace):
    """A server with Prometheus' HTTP API, and which of its series are the service's."""

    kind: Literal["prometheus"]
    connection: ConnectionId = Field(
        description="Airflow connection of type http to Prometheus, Thanos, Mimir or VictoriaMetrics"
    )
    preset: Annotated[str, AfterValidator(_known)] = Field(
        default="client", description="Who writes the metrics: client, opentelemetry, spring, nginx-vts, envoy, istio, traefik, …"
    )
    match: str = Field(min_length=1, description='Matchers of the series that are the service\'s, such as job="shop"')
    requests: str | None = Field(default=None, description="Counter of requests, in place of the preset's")
    status: tuple[str, ...] | None = Field(default=None, description="Labels that may hold the status, in place of the preset's")
    errors: str | None = Field(default=None, description="Regular expression of a failed status, in place of the preset's")
    histogram: str | None = Field(default=None, description="Histogram of times without _bucket, in place of the preset's")
    route: tuple[str, ...] | None = Field(default=None, description="Labels that may hold the route, in place of the preset's")
    replica: str | None = Field(
        default=None,
        pattern=r"^[a-zA-Z_]\w*$",
        description="Label by which copies of the same samples differ, such as prometheus_replica: the fullest is read",
    )
    timeout: Seconds = Field(default=60, description="Longest that a question may take, such as 60 s")

    @property
    def described(self) -> str:
        """Its connection and matchers."""
        return f"{{{self.match}}} in {self.connection}"

    @property
    def names(self) -> Preset:
        """The preset with what is overridden."""
        own = {name: getattr(self, name) for name in ("requests", "status", "errors", "histogram", "route")}
        return presets()[self.preset].model_copy(update={name: value for name, value in own.items() if value is not None})

    def open(self, connections: Connections) -> "PrometheusSignals":
        """Nothing is asked yet."""
        server = replace(open_prometheus(connections, self.connection, self.timeout), copies=self.replica is not None)
        return PrometheusSignals(self.names, self.match, server, self.replica)


@dataclass(frozen=True, slots=True)
class PrometheusSignals:
    """What a server knows of one service."""

    names: Preset
    match: str
    server: Prometheus
    replica: str | None = None

    def check(self) -> str:
        """How many series there are at present."""
        return self.server.look(self._selector(self.names.requests))

    def tell(self, window: Window, slow_s: float) -> Told:
        """Minutes from raw samples, and latency from the histogram."""
        if self.replica:
            return self._fullest(self.replica, window).tell(window, slow_s)
        grid, name = Grid.of(window), self.names.requests
        series, scrapes = self._counter(window, name)
        if not series:
            return Told(Minutes.unseen(grid.start, grid.count), (), (f"{self._selector(name)} had no sample in the window",))
        there = seen(grid, series, scrapes)
        counts = counted(grid, series, scrapes, self.names.outcome)
        told = minutes(grid, there, counts, self._slow(window, grid, slow_s, scrapes))
        latency = self._latency(window)
        return Told(told, latency, (*notes(grid, there, series, scrapes, name), *few_times(told.total.requests, latency)))

    def endpoints(self, window: Window) -> EndpointsTold:
        """By method and route. Raises CannotAskError when no label tells the route."""
        if self.replica:
            return self._fullest(self.replica, window).endpoints(window)
        grid = Grid.of(window)
        series, scrapes = self._counter(window, self.names.requests)
        if series and not any(self.names.endpoint(each.labels) for each in series):
            raise CannotAskError(f"{self.names.requests} has no label of a route", "name it as signals.route")
        known = [each for each in series if self.names.endpoint(each.labels)]
        asked = counted(grid, known, scrapes, self._endpoint)
        failed = counted(grid, [each for each in known if self.names.outcome(each.labels) == "errors"], scrapes, self._endpoint)
        spent = self._coarse(window, "_sum", self._endpoint_of)
        times = self._coarse(window, "_bucket", self._endpoint_of)
        there = seen(grid, series, scrapes)
        each = (
            EndpointTold(
                name,
                sum(row),
                sum(failed.get(name, ())),
                spent[name][0][0.0] * self.names.unit if name in spent else None,
                tuple(percentiles(times.get(name, []), SHARES, self.names.unit)),
            )
            for name, row in sorted(asked.items())
        )
        return EndpointsTold(sum(there) / len(there) if there else 0.0, tuple(each))

    def _fullest(self, label: str, window: Window) -> "PrometheusSignals":
        """The copy with most samples: added up, copies would count each request once more."""
        span = round(window.length.total_seconds() * 1000)
        text = f"sum by ({label}) (count_over_time({self._selector(self.names.requests)}[{span}ms]))"
        found = {each.labels.get(label, ""): each.values[0] for each in self.server.query(text, window.end)}
        best = min(found, key=lambda name: (-found[name], name), default="")
        return replace(self, match=f"{self.match},{_any_of(label, [best])}", replica=None)

    def _endpoint(self, labels: Labels) -> str:
        return self.names.endpoint(labels) or ""

    def _endpoint_of(self, labels: Labels) -> str | None:
        return self.names.endpoint(labels)

    def _selector(self, metric: str, more: str = "") -> str:
        if ":" in metric:
            text = f"{metric} is a recorded rule: a sum of counters leaps whenever one of them begins again"
            raise CannotAskError(text, "name the counter itself")
        return f"{metric}{{{','.join(part for part in (self.match, self.names.where, more) if part)}}}"

    def _counter(self, window: Window, metric: str) -> tuple[Sequence[Series], Scrapes]:
        series = self._raw(window, metric)
        return series, self._scrapes(window, series)

    def _raw(self, window: Window, metric: str, more: str = "") -> Sequence[Series]:
        return raw_counters(self.server, self._selector(metric, more), window.start - LEAD, window.end)

    def _scrapes(self, window: Window, series: Sequence[Series]) -> Scrapes:
        targets = {target_of(each.labels) for each in series}
        jobs = sorted({job for job, instance in targets if job and instance})
        if not jobs:
            return Scrapes({}, {})
        up = self.server.raw(f"up{{{_any_of('job', jobs)}}}", window.start - LEAD, window.end)
        return Scrapes.of(each for each in up if target_of(each.labels) in targets)

    def _slow(self, window: Window, grid: Grid, slow_s: float, scrapes: Scrapes) -> Sequence[int | None] | None:
        """Answers above the limit, minute by minute: only where a bucket ends exactly there."""
        if self.names.histogram is None:
            return None
        metric, span = f"{self.names.histogram}_bucket", round(window.length.total_seconds() * 1000)
        bounds = self.server.query(f"count by (le) (last_over_time({self._selector(metric)}[{span}ms]))", window.end)
        told = [each.labels for each in bounds if "le" in each.labels]
        at_limit = [labels["le"] for labels in told if isclose(bound(labels) * self.names.unit, slow_s, rel_tol=1e-9)]
        if not at_limit:
            return None
        series = self._raw(window, metric, _any_of("le", [*at_limit, "+Inf", "Inf"]))
        if not scrapes.know(target_of(each.labels) for each in series):
            scrapes = self._scrapes(window, series)
        return slow_answers(grid, series, scrapes)

    def _latency(self, window: Window) -> tuple[Percentile, ...]:
        found = self._coarse(window, "_bucket", lambda _: "")
        return tuple(percentiles(found.get("", []), SHARES, self.names.unit))

    def _coarse(self, window: Window, suffix: str, sort: Callable[[Labels], str | None]) -> dict[str, list[Cumulative]]:
        """Increases of the histogram over the whole window by bucket; counters of it alone where there are no buckets."""
        if self.names.histogram is None:
            return {}
        step = _FINE if window.length <= _SHORT else _COARSE
        ask = f"{self.names.histogram}{suffix}"
        found = self.server.range(self._selector(ask), window.start, window.end, step)
        if not found and suffix == "_bucket":
            found = self.server.range(self._selector(self.names.histogram), window.start, window.end, step)
        return by_endpoint(found, window.start.timestamp() + step.total_seconds(), sort)


def _any_of(label: str, values: Iterable[str]) -> str:
    """A matcher of any of these values, as they are."""
    pattern = "|".join(re.escape(value) for value in values).replace("\\", "\\\\").replace('"', '\\"')
    return f'{label}=~"{pattern}"'
