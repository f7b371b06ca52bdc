"""The stored minutes of a service, as counts from one minute to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from upkeep.signals.minutes import HOUR, MINUTE
from upkeep.sources.rows import Rows
from upkeep.stats.burn import Count, Counts
from upkeep.window import Window


@dataclass(frozen=True, slots=True)
class StoredMinutes:
    """Counts of each minute from `start`; None for one that nobody saw, or of which that count cannot be told."""

    start: datetime
    requests: list[Count]
    errors: list[Count]
    slow: list[Count]

    def counts(self, of: str) -> Counts:
        """Requests, and those of them that are bad: errors or slow. A minute of which one is unknown is unknown."""
        bad = self.errors if of == "errors" else self.slow
        return Counts(bad, [None if b is None else r for b, r in zip(bad, self.requests, strict=True)])

    def at(self, place: int) -> datetime:
        """The start of a minute."""
        return self.start + place * MINUTE


@dataclass(frozen=True, slots=True)
class _Hour:
    hour: datetime
    requests: Sequence[Count]
    errors: Sequence[Count]
    slow: Sequence[Count]


def stored_minutes(rows: Rows, service: str, window: Window) -> StoredMinutes:
    """
    The minutes of a window as they were stored by its end; of two that were stored for one, the later window's.

    Raises BrokenError when the report database is away.
    """
    start = window.start.replace(second=0, microsecond=0)
    count = -((start - window.end) // MINUTE)
    found = StoredMinutes(start, [None] * count, [None] * count, [None] * count)
    params = {"service": service, "start": start - HOUR, "end": window.end}
    for each in rows(__file__, _Hour, params):
        _put(found, each, count)
    return found


def _put(found: StoredMinutes, each: _Hour, count: int) -> None:
    first = (each.hour - found.start) // MINUTE
    for place, requests in enumerate(each.requests, first):
        if requests is not None and 0 <= place < count:
            found.requests[place] = requests
            found.errors[place] = each.errors[place - first]
            found.slow[place] = each.slow[place - first]


def last_days(end: datetime, days: int) -> Window:
    """So many times 24 hours before a moment, however clocks were changed meanwhile."""
    return Window(end - timedelta(days=days), end)
