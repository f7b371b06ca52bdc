"""
What a series was expected to be: the usual value of this hour or day, moved to where the series stands now. Pure arithmetic.

Both are medians of the newest values only, so that single wild values move nothing, and a level that shifted is learned once half
of the remembered values lie on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from upkeep.stats.anomaly.newest import Newest


@dataclass(frozen=True, slots=True)
class Season:
    """
    A place of the clock or the calendar at each moment, such as the hour of the day.

    Each place remembers its newest `visits` values and is known from `least` of them on.
    """

    place: Callable[[datetime], int]
    visits: int
    least: int = 2


class Expectation:
    """Follows a series value by value; `recent` values say where it stands."""

    def __init__(self, recent: int, season: Season | None = None) -> None:
        self._now, self._season = Newest(recent), season
        self._usual: dict[int, Newest] = {}

    def of(self, at: datetime) -> float | None:
        """What is expected then; None while that place is not known yet."""
        usual, now = self._base(at), self._now.median
        return None if usual is None or now is None else usual + now

    def learn(self, at: datetime, value: float) -> None:
        """What came."""
        usual = self._base(at)
        if usual is not None:
            self._now.learn(value - usual)
        if self._season:
            self._usual.setdefault(self._season.place(at), Newest(self._season.visits)).learn(value)

    def _base(self, at: datetime) -> float | None:
        if not self._season:
            return 0.0
        known = self._usual.get(self._season.place(at))
        return known.median if known and len(known) >= self._season.least else None
