"""Caches, as Prometheus tells of them: lookups that they answered against all, counted exactly."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from upkeep.field_types import ConnectionId, Name, Seconds
from upkeep.signals.preset_file import known, written
from upkeep.signals.raw_counters import raw_counters
from upkeep.signals.scraped_minutes import Grid, counted, seen
from upkeep.signals.scrapes import Scrapes
from upkeep.sources.connections import Connections
from upkeep.sources.prometheus import Prometheus, open_prometheus
from upkeep.window import Window

_LEAD = timedelta(minutes=5)


def _known(name: str) -> str:
    return known(name, written("cache"))


class CachePlace(BaseModel):
    """A server with Prometheus' HTTP API, and which of its series are the cache's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = Field(description="What the cache is called in answers, such as sessions")
    connection: ConnectionId = Field(description="Airflow connection of type http to Prometheus or its like")
    preset: Annotated[str, AfterValidator(_known)] = Field(description="Who tells: redis, memcached, postgres or nginx-vts")
    match: str = Field(min_length=1, description='Matchers of the series, such as instance="redis:9121"')
    timeout: Seconds = Field(default=60, description="Longest that a question may take, such as 60 s")

    def check(self, connections: Connections) -> str:
        """How many series of hits there are at present, for doctor."""
        hits = written("cache")[self.preset]["hits"].replace("{match}", self.match)
        return open_prometheus(connections, self.connection, self.timeout).look(hits)


@dataclass(frozen=True, slots=True)
class Lookups:
    """Lookups of a cache over a window, in the minutes of it that were seen."""

    name: str
    hits: int
    misses: int
    minutes: int
    seen: int

    @property
    def all(self) -> int:
        """Hits and misses."""
        return self.hits + self.misses

    @property
    def rate(self) -> float:
        """The share of hits; 0 without a lookup."""
        return self.hits / self.all if self.all else 0.0

    @property
    def coverage(self) -> float:
        """The share of minutes that were seen."""
        return self.seen / self.minutes


def lookups(server: Prometheus, place: CachePlace, window: Window) -> Lookups:
    """Counted from raw samples. Raises BrokenError and CannotAskError."""
    grid, preset = Grid.of(window), written("cache")[place.preset]
    asked = (preset[each].replace("{match}", place.match) for each in ("hits", "misses"))
    hits, misses = (raw_counters(server, selector, window.start - _LEAD, window.end) for selector in asked)
    there = seen(grid, [*hits, *misses], Scrapes({}, {})) if hits and misses else [False] * grid.count
    counts = [sum(sum(row) for row in counted(grid, each, Scrapes({}, {}), lambda _: "").values()) for each in (hits, misses)]
    return Lookups(place.name, counts[0], counts[1], grid.count, sum(there))
