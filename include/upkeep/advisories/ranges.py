"""Which versions an advisory's ranges hold, put so that any version is looked up at once."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from upkeep.advisories.advisory import Affected, Event, RangeKind
from upkeep.advisories.orders.order import Order

Thing = TypeVar("Thing")
_LOWEST, _HIGHEST = "0", "*"


@dataclass(frozen=True, slots=True)
class Interval:
    """Versions from `start` on (None: from the first) to `end` (None: without end), the end included or not."""

    start: Any | None
    end: Any | None
    with_end: bool = False


def intervals(affected: Affected, order: Order) -> list[Interval]:
    """
    What its ranges and versions hold. Ranges of commits are passed over.

    Raises ValueError for an event that is no version. A version in a list that is none is passed over: none can be equal to it.
    """
    held = [i for r in affected.ranges if r.kind is not RangeKind.GIT for i in _of_events(r.events, order)]
    return [*held, *(Interval(key, key, with_end=True) for key in _readable(affected.versions, order))]


def _readable(versions: Iterable[str], order: Order) -> Iterator[Any]:
    for version in versions:
        try:
            yield order(version)
        except ValueError:
            continue


def _of_events(events: Sequence[Event], order: Order) -> Iterator[Interval]:
    limit = _limit([text for kind, text in events if kind == "limit"], order)
    for found in _open_and_shut(_sorted([event for event in events if event[0] != "limit"], order)):
        within = _cut(found, limit)
        if within:
            yield within


def _sorted(events: Sequence[Event], order: Order) -> list[tuple[str, Any | None]]:
    """By version; those at one version as they stand."""
    first = [(kind, None) for kind, text in events if text == _LOWEST]
    rest: list[tuple[str, Any]] = [(kind, order(text)) for kind, text in events if text != _LOWEST]
    return [*first, *sorted(rest, key=lambda event: event[1])]


def _open_and_shut(events: Iterable[tuple[str, Any | None]]) -> Iterator[Interval]:
    start: Any | None = None
    is_open = False
    for kind, key in events:
        if kind == "introduced" and not is_open:
            start, is_open = key, True
        elif kind != "introduced" and is_open:
            yield Interval(start, key, with_end=kind == "last_affected")
            is_open = False
    if is_open:
        yield Interval(start, None)


def _limit(texts: Sequence[str], order: Order) -> Any | None:
    """The farthest limit: below any of them is within. None when there is none."""
    return None if not texts or _HIGHEST in texts else max(order(text) for text in texts)


def _cut(found: Interval, limit: Any | None) -> Interval | None:
    if limit is None or (found.end is not None and found.end < limit):
        return found
    return Interval(found.start, limit) if found.start is None or found.start < limit else None


class Lookup(Generic[Thing]):
    """Things that hold in intervals, found for one version by bisection instead of one after the other."""

    def __init__(self, things: Iterable[tuple[Thing, Sequence[Interval]]]) -> None:
        """Takes each thing with its intervals; the order of things is kept."""
        kept = list(things)
        bounds = sorted(key for _, held in kept for i in held for key in (i.start, i.end) if key is not None)
        self._bounds = [key for place, key in enumerate(bounds) if not place or bounds[place - 1] != key]
        # An odd place is a bound itself, an even one what lies before it.
        places: list[dict[int, Thing]] = [{} for _ in range(2 * len(self._bounds) + 1)]
        for number, (thing, held) in enumerate(kept):
            for interval in held:
                for place in self._places(interval):
                    places[place][number] = thing
        self._places_held = [tuple(place.values()) for place in places]

    def held(self, place: int) -> tuple[Thing, ...]:
        """What holds at this place."""
        return self._places_held[place]

    def place(self, key: Any) -> int:
        """Where a version is among the bounds: versions of one place are alike in all that holds for them."""
        found = bisect_left(self._bounds, key)
        return 2 * found + (found < len(self._bounds) and self._bounds[found] == key)

    def _places(self, interval: Interval) -> range:
        start = 0 if interval.start is None else self.place(interval.start)
        if interval.end is None:
            return range(start, 2 * len(self._bounds) + 1)
        return range(start, self.place(interval.end) + interval.with_end)
