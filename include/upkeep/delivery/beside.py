"""The minutes before and after a deployment, cut where another one was, and outages in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

_MINUTE = timedelta(minutes=1)
_OUTAGE_MINUTES, _OUTAGE_SHARE = 5, 0.5


class Placed(Protocol):
    """A deployment in time."""

    @property
    def started_at(self) -> datetime:
        """When it began."""
        ...

    @property
    def finished_at(self) -> datetime:
        """When it was live."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """Counts of one minute that was seen; `slow` is None where that cannot be told."""

    requests: int
    errors: int
    slow: int | None


@dataclass(frozen=True, slots=True)
class Span:
    """Whole minutes `[start, end)`; none when they are the same."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        """How many."""
        return max(0, (self.end - self.start) // _MINUTE)

    def each(self) -> list[datetime]:
        """Every minute."""
        return [self.start + place * _MINUTE for place in range(self.minutes)]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was seen in a span."""

    minutes: int
    seen: int
    requests: int
    errors: int
    slow: int | None
    outage: datetime | None


def before_and_after(it: Placed, others: Sequence[Placed], minutes: int) -> tuple[Span, Span, list[Placed]]:
    """Spans of so many minutes before it began and after it was live, cut by others, which are named."""
    length = minutes * _MINUTE
    before = Span(_floor(it.started_at) - length, _floor(it.started_at))
    after = Span(_ceil(it.finished_at), _ceil(it.finished_at) + length)
    cut: list[Placed] = []
    for other in others:
        if before.start < other.finished_at <= it.started_at:
            before = replace(before, start=min(before.end, max(before.start, _ceil(other.finished_at))))
            cut.append(other)
        elif it.finished_at <= other.started_at < after.end:
            after = replace(after, end=max(after.start, min(after.end, _floor(other.started_at))))
            cut.append(other)
        elif other.started_at < it.finished_at and it.started_at < other.finished_at:
            cut.append(other)
    return before, after, cut


def counted(span: Span, seen: Mapping[datetime, Seen]) -> Counts:
    """What was seen in it. A minute that is not in `seen` was not: it is no quiet one."""
    there = [(at, seen[at]) for at in span.each() if at in seen]
    slow = [each.slow for _, each in there]
    known = [each for each in slow if each is not None]
    return Counts(
        minutes=span.minutes,
        seen=len(there),
        requests=sum(each.requests for _, each in there),
        errors=sum(each.errors for _, each in there),
        slow=sum(known) if known and len(known) == len(slow) else None,
        outage=_outage(there),
    )


def _outage(there: Sequence[tuple[datetime, Seen]]) -> datetime | None:
    """The first minute of five or more on end in which half of the requests failed."""
    for down, run in groupby(there, key=lambda pair: pair[1].requests > 0 and pair[1].errors >= _OUTAGE_SHARE * pair[1].requests):
        minutes = list(run)
        if down and len(minutes) >= _OUTAGE_MINUTES:
            return minutes[0][0]
    return None


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _ceil(at: datetime) -> datetime:
    return _floor(at) if at == _floor(at) else _floor(at) + _MINUTE
