"""What statements did between two looks at pg_stat_statements. Pure arithmetic over counters."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from upkeep.sources.statements import Counter, Snapshot

# Each time the table is full the extension drops 5 % of it, at least 10 entries (USAGE_DEALLOC_PERCENT in its source).
_DROPPED_SHARE, _DROPPED_LEAST = 0.05, 10


@dataclass(frozen=True, slots=True)
class Work:
    """What one statement did in a span, over all roles. `new`: it was not there before."""

    queryid: int
    calls: int
    total_ms: float
    rows: int
    temp_bytes: int
    wal_bytes: int
    new: bool

    @property
    def mean_ms(self) -> float:
        """Mean time of a call."""
        return self.total_ms / self.calls


@dataclass(frozen=True, slots=True)
class Span:
    """What happened between `begin` and `end`, dearest first. `first`: nothing earlier was remembered, or all was reset since."""

    begin: datetime
    end: datetime
    first: bool
    work: Sequence[Work]
    turnover: float | None

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.begin

    @property
    def total_ms(self) -> float:
        """Time of all statements."""
        return sum(w.total_ms for w in self.work)


def since(state: Mapping[str, Any] | None, now: Snapshot) -> Span | None:
    """
    What happened since what was remembered, or since a reset that came later; None when neither is known.

    An entry that was evicted and came back, or was reset by itself, counts from zero: its work is then at least this. Where more
    entries existed than were remembered, one that was not counts from zero too; the error is below the least remembered total.
    """
    usable = state if state and _continues(state, now) else None
    begin = datetime.fromisoformat(usable["at"]) if usable else now.reset
    if begin is None:
        return None
    before = {c.key: c for c in _recall(usable["rows"])} if usable else {}
    complete = bool(usable and usable["all"])
    rises = [(c.queryid, *_rise(c, before.get(c.key), begin, complete=complete)) for c in now.counters]
    turnover = _turnover(usable, now)
    return Span(begin, now.at, usable is None, _by_query(rises), turnover)


def _continues(state: Mapping[str, Any], now: Snapshot) -> bool:
    reset = now.reset.isoformat() if now.reset else None
    same = state["database"] == now.database and state["reset"] == reset
    return same and datetime.fromisoformat(state["at"]) < now.at


def _recall(rows: Iterable[Sequence[Any]]) -> Iterable[Counter]:
    return (Counter(*row) for row in rows)


def _rise(now: Counter, before: Counter | None, begin: datetime, *, complete: bool) -> tuple[Counter, bool]:
    """How much it rose, and whether the statement is new."""
    born_since = now.since is not None and now.since > begin
    if before is None:
        return now, born_since or (complete and now.since is None)
    if born_since or now.calls < before.calls or now.total_ms < before.total_ms:
        return now, False
    rise = replace(
        now,
        calls=now.calls - before.calls,
        total_ms=now.total_ms - before.total_ms,
        rows=now.rows - before.rows,
        temp_bytes=now.temp_bytes - before.temp_bytes,
        wal_bytes=now.wal_bytes - before.wal_bytes,
    )
    return rise, False


def _by_query(rises: Iterable[tuple[int, Counter, bool]]) -> list[Work]:
    groups = defaultdict(list)
    for queryid, rise, new in rises:
        groups[queryid].append((rise, new))
    work = [_sum(queryid, group) for queryid, group in groups.items()]
    return sorted((w for w in work if w.calls), key=lambda w: (-w.total_ms, w.queryid))


def _sum(queryid: int, group: Sequence[tuple[Counter, bool]]) -> Work:
    return Work(
        queryid=queryid,
        calls=sum(c.calls for c, _ in group),
        total_ms=sum(c.total_ms for c, _ in group),
        rows=sum(c.rows for c, _ in group),
        temp_bytes=sum(c.temp_bytes for c, _ in group),
        wal_bytes=sum(c.wal_bytes for c, _ in group),
        new=all(new for _, new in group),
    )


def _turnover(state: Mapping[str, Any] | None, now: Snapshot) -> float | None:
    if now.evictions is None or not now.capacity:
        return None
    times = now.evictions - (state["evictions"] or 0 if state else 0)
    return times * max(_DROPPED_LEAST, _DROPPED_SHARE * now.capacity) / now.capacity
