"""Judged values joined into anomalies: one for as long as it goes on, over when values are usual again or became usual. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from upkeep.stats.anomaly.judge import Judged


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Values that were unusual on one side, the first of them `since`; `open` while the newest value is one of them."""

    values: tuple[Judged, ...]
    open: bool

    @property
    def since(self) -> datetime:
        """When it began."""
        return self.values[0].at

    @property
    def side(self) -> int:
        """1 above, -1 below what was expected."""
        return self.values[0].side

    @property
    def chance(self) -> float:
        """The chance of its rarest value."""
        return min(value.chance for value in self.values)

    @property
    def excess(self) -> float:
        """By how much all of its values together were above (below: less than 0) what was expected."""
        return sum(value.value - value.middle for value in self.values)


def anomalies(judged: Sequence[Judged | None], *, rare: float, settled_fall: int = 1) -> list[Anomaly]:
    """
    The anomalies, oldest first: runs of unusual values on one side of which one is as rare as `rare` at least.

    A gap neither ends nor begins one. A fall is judged without the newest `settled_fall` - 1 values: they may not be whole yet.
    """
    known = [value for value in judged if value is not None]
    settled = known[len(known) - settled_fall + 1].at if 1 < settled_fall <= len(known) else None
    found = []
    for run in _runs(known):
        told = [value for value in run if settled is None or value.side > 0 or value.at < settled]
        if told and min(value.chance for value in told) <= rare:
            found.append(Anomaly(tuple(run), run[-1] is known[-1]))
    return found


def _runs(known: Sequence[Judged]) -> Iterator[list[Judged]]:
    run: list[Judged] = []
    for value in known:
        if run and value.side != run[0].side:
            yield run
            run = []
        if value.side:
            run.append(value)
    if run:
        yield run
