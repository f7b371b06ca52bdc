"""Signals by access logs of web servers, balancers and content networks, in a folder or an object store."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pydantic import Field, field_validator

from upkeep.errors import CannotAskError
from upkeep.field_types import ConnectionId
from upkeep.formats.access_log_presets import lines_of
from upkeep.humanize import plural
from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import MINUTE, Minute, Minutes
from upkeep.signals.place import SHARES, EndpointsTold, EndpointTold, SignalPlace, Told
from upkeep.sources.access_log import LogPlace, read_log
from upkeep.sources.access_log_counts import (
    EndpointCount,
    MinuteCount,
    endpoint_counts,
    minute_counts,
    percentiles,
    seen,
    timed,
)
from upkeep.sources.access_log_files import listed
from upkeep.sources.connections import Connections
from upkeep.window import Window

_NAMES = {"alb": "*.log.gz", "cloudfront": "*.gz"}
# A file of a balancer comes after five minutes, one of a content network within a day, and neither is ever added to.
_DELIVERED = {"alb": timedelta(hours=1), "cloudfront": timedelta(hours=25)}


class AccessLogPlace(SignalPlace):
    """Files of an access log: where they are and how their lines are written."""

    kind: Literal["access_log"]
    place: str = Field(
        pattern=r"^[a-z][a-z0-9+.-]*://\S+$",
        description="Folder or prefix of the files: file:///var/log/nginx, s3://bucket/AWSLogs/…",
    )
    connection: ConnectionId | None = Field(default=None, description="Airflow connection of the bucket")
    files: str | None = Field(
        default=None,
        description="Pattern of the names of its files, also of those that were rotated or packed; by default *access*, "
        "*.log.gz for alb and *.gz for cloudfront",
    )
    format: str = Field(
        default="combined",
        description="common, combined, vhost_combined, json, caddy, traefik, alb, cloudfront; or log_format of nginx or "
        "LogFormat of Apache in its own words",
    )
    host: str | None = Field(default=None, description="Only requests to this host count, where the format has one")
    ignored: tuple[str, ...] = Field(default=(), description="Beginnings of paths that do not count, such as /healthz")
    most_endpoints: int = Field(default=200, ge=2, le=2000, description="Endpoints that are told apart; the others are one")

    @field_validator("format")
    @classmethod
    def _known(cls, text: str) -> str:
        lines_of(text)
        return text

    @property
    def described(self) -> str:
        """Its place and files."""
        return f"the access log {self.pattern} at {self.place}"

    @property
    def pattern(self) -> str:
        """The pattern of names."""
        return self.files or _NAMES.get(self.format, "*access*")

    def open(self, connections: Connections) -> "AccessLogSignals":
        """Nothing is read yet."""
        store = connections.objects(self.place, self.connection)
        lines, delivered = lines_of(self.format), _DELIVERED.get(self.format)
        return AccessLogSignals(self, LogPlace(store, self.pattern, lines, self.host, self.ignored, delivered))


@dataclass(frozen=True, slots=True)
class AccessLogSignals:
    """What the log tells; each question reads the window's files."""

    place: AccessLogPlace
    log: LogPlace

    def check(self) -> str:
        """How many files there are. Raises CannotAskError when there is none."""
        found = listed(self.log.store, self.log.files)
        if not found:
            raise CannotAskError(
                f"there is no file {self.log.files} at {self.place.place}", "correct signals.place or signals.files"
            )
        return f"{plural(len(found), 'file')} at {self.place.place}, newest {found[-1].name}"

    def tell(self, window: Window, slow_s: float) -> Told:
        """Minutes of the window: those between the first and the last line of the log were seen, with or without requests."""
        with read_log(self.log, window) as log:
            start, end = seen(log)
            counts = minute_counts(log, slow_s)
            n, seconds = percentiles(log, SHARES)
            told = timed(log) and (n > 0 or not counts)
            minutes = _minutes(window, counts, Window(start, end), slow=0 if told else None)
            return Told(minutes, _latency(n, seconds), log.notes)

    def endpoints(self, window: Window) -> EndpointsTold:
        """Each endpoint, ids in paths folded to {id}."""
        with read_log(self.log, window, ("method", "path")) as log:
            minutes = _minutes(window, [], Window(*seen(log)), slow=None)
            found = endpoint_counts(log, SHARES, self.place.most_endpoints)
            return EndpointsTold(minutes.coverage, tuple(map(_endpoint, found)))


def _minutes(window: Window, counts: list[MinuteCount], seen: Window, slow: int | None) -> Minutes:
    start = window.start.replace(second=0, microsecond=0)
    count = -(-(window.end - start) // MINUTE)
    each: list[Minute | None] = [
        Minute(0, slow=slow) if seen.start <= start + place * MINUTE < seen.end else None for place in range(count)
    ]
    for row in counts:
        each[(row.minute - start) // MINUTE] = Minute(
            row.requests, row.errors, row.refused, row.closed, None if slow is None else row.slow
        )
    return Minutes(start, tuple(each))


def _endpoint(each: EndpointCount) -> EndpointTold:
    return EndpointTold(each.endpoint, each.requests, each.errors, each.total_s, _latency(each.timed, each.seconds))


def _latency(n: int, seconds: tuple[float, ...]) -> tuple[Percentile, ...]:
    return tuple(Percentile(share, each, each, n) for share, each in zip(SHARES, seconds, strict=False))
