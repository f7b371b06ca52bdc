"""Signals by declared SQL, from any PostgreSQL that keeps requests or counts of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from types import NoneType
from typing import Any, Literal, NoReturn, TypeVar, get_args

from pydantic import Field

from upkeep.errors import CannotAskError
from upkeep.field_types import ConnectionId, Seconds
from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import MINUTE, Minute, Minutes
from upkeep.signals.place import EndpointsTold, EndpointTold, SignalPlace, Told
from upkeep.sources.connections import Connections
from upkeep.sources.declared_query import declared_rows, looked_at
from upkeep.sources.postgres import Endpoint
from upkeep.window import Window

Row = TypeVar("Row")


class QueryPlace(SignalPlace):
    """A read-only session of a database, and what to ask in it. Names in the queries carry their schema."""

    kind: Literal["query"]
    connection: ConnectionId = Field(description="Airflow connection to the PostgreSQL that keeps them")
    minutes: str = Field(
        min_length=1,
        description="Query of columns minute, requests, and errors, refused, closed, slow where they are known; "
        "its parameters are %(start)s, %(end)s and %(slow)s (seconds)",
    )
    latency: str | None = Field(
        default=None, description="Query of columns share (0.5, 0.95, 0.99), seconds and n (requests that have a time)"
    )
    endpoints: str | None = Field(
        default=None, description="Query of columns endpoint, requests, and errors, total_s, p95_s where they are known"
    )
    gaps: Literal["unseen", "quiet"] = Field(
        default="unseen", description="What a minute without a row is: one that nobody saw, or one without requests"
    )
    timeout: Seconds = Field(default=60, description="Longest that a query may take, such as 60 s")

    @property
    def described(self) -> str:
        """Its connection."""
        return f"SQL in {self.connection}"

    def open(self, connections: Connections) -> "QuerySignals":
        """Nothing is asked yet."""
        return QuerySignals(self, connections.postgres(self.connection))


@dataclass(frozen=True, slots=True)
class _MinuteRow:
    minute: datetime
    requests: int
    errors: int = 0
    refused: int = 0
    closed: int = 0
    slow: int | None = None


@dataclass(frozen=True, slots=True)
class _LatencyRow:
    share: float
    seconds: float | None
    n: int


@dataclass(frozen=True, slots=True)
class _EndpointRow:
    endpoint: str
    requests: int
    errors: int = 0
    total_s: float | None = None
    p95_s: float | None = None


@dataclass(frozen=True, slots=True)
class QuerySignals:
    """What the queries tell. Each is asked in a session of its own."""

    place: QueryPlace
    database: Endpoint

    def check(self) -> str:
        """Log in; the queries are not asked."""
        return looked_at(self.database)

    def tell(self, window: Window, slow_s: float) -> Told:
        """Minutes of the window, and latency where a query is declared. Raises CannotAskError for columns that do not fit."""
        params = {"start": window.start, "end": window.end, "slow": slow_s}
        rows = self._rows("minutes", self.place.minutes, _MinuteRow, params)
        latency = self._rows("latency", self.place.latency, _LatencyRow, params) if self.place.latency else []
        exact = (
            Percentile(float(row.share), float(row.seconds), float(row.seconds), row.n)
            for row in latency
            if row.seconds is not None
        )
        return Told(self._minutes(window, rows), tuple(exact))

    def endpoints(self, window: Window) -> EndpointsTold:
        """Each endpoint of the window. Raises CannotAskError when no query is declared."""
        if self.place.endpoints is None:
            raise CannotAskError(f"{self.place.described} has no query of endpoints", "declare signals.endpoints")
        params = {"start": window.start, "end": window.end, "slow": None}
        rows = self._rows("endpoints", self.place.endpoints, _EndpointRow, params)
        minutes = self._minutes(window, self._rows("minutes", self.place.minutes, _MinuteRow, params))
        return EndpointsTold(minutes.coverage, tuple(_endpoint(row) for row in rows))

    def _minutes(self, window: Window, rows: Sequence[_MinuteRow]) -> Minutes:
        start = window.start.replace(second=0, microsecond=0)
        count = -(-(window.end - start) // MINUTE)
        each: list[Minute | None] = [Minute(0, slow=0) if self.place.gaps == "quiet" else None] * count
        told = set()
        for row in rows:
            number, rest = divmod(_aware(self, row.minute) - start, MINUTE)
            if rest or not 0 <= number < count or number in told:
                _wrong(self, f"gave {row.minute}, which is no whole minute of the window or came twice")
            told.add(number)
            each[number] = _minute(self, row)
        return Minutes(start, tuple(each))

    def _rows(self, name: str, query: str, row: type[Row], params: Mapping[str, Any]) -> list[Row]:
        found = declared_rows(self.database, f"signals.{name}", query, row, params, timeout_s=self.place.timeout)
        for each in found:
            self._assert_fits(name, each)
        return found

    def _assert_fits(self, name: str, row: Any) -> None:
        for each in fields(row):
            value = getattr(row, each.name)
            if each.name == "minute" or (value is None and NoneType in get_args(each.type)):
                continue
            if not isinstance(value, str) if each.type is str else not _is_number(value):
                what = "text" if each.type is str else "number"
                text = f"the query {name} of {self.place.described} gave {each.name} as {value}, which is no {what}"
                raise CannotAskError(text, f"give one in each row, such as by coalesce({each.name}, …) or a cast")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and isfinite(value)


def _aware(signals: QuerySignals, minute: datetime) -> datetime:
    if not isinstance(minute, datetime) or minute.tzinfo is None:
        _wrong(signals, f"gave the minute {minute} without a time zone")
    return minute.astimezone(UTC)


def _minute(signals: QuerySignals, row: _MinuteRow) -> Minute:
    slow = None if row.slow is None else int(row.slow)
    found = Minute(int(row.requests), int(row.errors), int(row.refused), int(row.closed), slow)
    parts = (found.errors, found.refused, found.closed, slow or 0)
    if min(parts) < 0 or max(parts) > found.requests:
        _wrong(signals, f"gave counts at {row.minute} that are below zero or above the requests: {found}")
    return found


def _endpoint(row: _EndpointRow) -> EndpointTold:
    p95 = None if row.p95_s is None else float(row.p95_s)
    latency = () if p95 is None else (Percentile(0.95, p95, p95, row.requests),)
    return EndpointTold(
        row.endpoint, int(row.requests), int(row.errors), None if row.total_s is None else float(row.total_s), latency
    )


def _wrong(signals: QuerySignals, what: str) -> NoReturn:
    text = f"the query minutes of {signals.place.described} {what}"
    raise CannotAskError(text, "group by date_trunc('minute', …), one row a minute, with its time zone")
