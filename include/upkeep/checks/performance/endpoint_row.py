"""Rows of endpoints."""

from dataclasses import dataclass
from typing import ClassVar

from upkeep.record import Record
from upkeep.signals.latency import bounds_of
from upkeep.signals.place import SHARES, EndpointTold


@dataclass(frozen=True, slots=True)
class ServiceEndpoint(Record):
    """An endpoint over a window. Bounds of percentiles are seconds; an upper one that nobody knows is None."""

    table: ClassVar[str] = "service_endpoint"

    endpoint: str
    requests: int
    errors: int
    total_seconds: float | None
    timed: int | None
    p50_low: float | None
    p50_high: float | None
    p95_low: float | None
    p95_high: float | None
    p99_low: float | None
    p99_high: float | None

    @classmethod
    def of(cls, told: EndpointTold) -> "ServiceEndpoint":
        """The row of what a place told."""
        bounds = bounds_of(told.latency, SHARES)
        timed = max((each.n for each in told.latency), default=None)
        return cls(told.endpoint, told.requests, told.errors, told.total_s, timed, *bounds)
