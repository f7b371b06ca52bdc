"""Alerts of a service: when each fired, and who silenced it, from what Prometheus and Alertmanager keep."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field

from upkeep.field_types import ConnectionId, Seconds
from upkeep.humanize import plural
from upkeep.signals.scrapes import pause
from upkeep.sources.alertmanager import Silence, open_alertmanager
from upkeep.sources.connections import Connections
from upkeep.sources.prometheus import Prometheus, open_prometheus
from upkeep.sources.prometheus_series import COPIES, Labels
from upkeep.window import Window

LEAD, _STEP = timedelta(days=1), timedelta(minutes=5)
"""How far back the beginning of an alert is looked for."""
_MERGED_S = 300.0
_NOT_ITS_OWN = frozenset({"__name__", "alertname", "alertstate"})


class AlertPlace(BaseModel):
    """Where the alerts of a service are evaluated, and where people silence them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connection: ConnectionId = Field(description="Airflow connection of type http to the Prometheus that evaluates its alerts")
    match: str = Field(min_length=1, description='Matchers of its alerts, such as service="shop"')
    alertmanager: ConnectionId | None = Field(default=None, description="Airflow connection of type http to its Alertmanager")
    kept: Seconds = Field(default=432_000, description="How long Alertmanager keeps what expired (--data.retention), such as 5 d")
    timeout: Seconds = Field(default=60, description="Longest that a question may take, such as 60 s")

    def check(self, connections: Connections) -> str:
        """Whether both servers answer, for doctor: that nothing fires at present is well."""
        text = open_prometheus(connections, self.connection, self.timeout).answers()
        if self.alertmanager is None:
            return f"{text}; without Alertmanager nobody knows what was acknowledged"
        silences = open_alertmanager(connections, self.alertmanager).silences()
        return f"{text}; Alertmanager keeps {plural(len(silences), 'silence')}"


@dataclass(frozen=True, slots=True)
class Firing:
    """One alert from when to when. `ended` is None while it fires at the window's end; `seen` is the first silence of it."""

    alert: str
    labels: Labels
    began: datetime
    ended: datetime | None
    seconds: float
    seen: Silence | None = None

    @property
    def severity(self) -> str:
        """What its rule calls it; empty when it does not say."""
        return self.labels.get("severity", "")

    @property
    def own(self) -> str:
        """Its labels beside its name, as PromQL writes them."""
        pairs = sorted((name, value) for name, value in self.labels.items() if name not in _NOT_ITS_OWN)
        return ", ".join(f'{name}="{value}"' for name, value in pairs)


def coverage(server: Prometheus, window: Window) -> float:
    """The share of the window's steps at which Prometheus knew of any target: one that is down fires nothing."""
    found = server.range("count(up)", window.start + _STEP, window.end, _STEP)
    expected = max(1, int(window.length / _STEP))
    return min(1.0, sum(len(series.times) for series in found) / expected)


def firings(server: Prometheus, place: AlertPlace, window: Window) -> Iterator[Firing]:
    """Every alert that fired in the window, once though several servers told of it. A short gap is none: they come late."""
    selector = f'ALERTS{{alertstate="firing",{place.match}}}'
    times: dict[frozenset[tuple[str, str]], set[float]] = defaultdict(set)
    for series in server.raw(selector, window.start - LEAD, window.end):
        times[frozenset(each for each in series.labels.items() if each[0] not in COPIES)].update(series.times)
    for labels, each in times.items():
        yield from _spans(dict(labels), sorted(each), window)


def silenced(every: Sequence[Firing], silences: Sequence[Silence], window: Window) -> Iterator[Firing]:
    """The same with the first silence of each."""
    for firing in every:
        end = firing.ended or window.end
        labels = {**firing.labels, "alertname": firing.alert}
        yield replace(firing, seen=next((each for each in silences if each.covers(labels, firing.began, end)), None))


def _spans(labels: Labels, times: Sequence[float], window: Window) -> Iterator[Firing]:
    longest = max(_MERGED_S, pause(times))
    breaks = [0, *(at for at in range(1, len(times)) if times[at] - times[at - 1] > longest), len(times)]
    for first, beyond in pairwise(breaks):
        if beyond > first:
            found = _firing(labels, times[first], times[beyond - 1], window)
            if found.ended is None or found.ended > window.start:
                yield found


def _firing(labels: Labels, first: float, last: float, window: Window) -> Firing:
    open_ = window.end.timestamp() - last <= _MERGED_S
    began, ended = (datetime.fromtimestamp(moment, UTC) for moment in (first, last))
    seconds = ((window.end if open_ else ended) - max(began, window.start)).total_seconds()
    return Firing(labels.get("alertname", ""), labels, began, None if open_ else ended, max(0.0, seconds))
