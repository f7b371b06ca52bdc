"""One way to look at a series: what it expects, and how rare what came is among its own earlier surprises. Pure arithmetic."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from upkeep.stats.anomaly.expectation import Expectation, Season
from upkeep.stats.anomaly.newest import Newest

LEAST = 10
"""Surprises that must be known before one can be rare."""
USUAL = 0.05
"""What is no rarer than this is usual."""


@dataclass(frozen=True, slots=True)
class Look:
    """
    How to look: `recent` values say where the series stands, and `season` what is usual at a place of the clock or calendar.

    A surprise that came at this place of `habit` before, such as the end of a month, is none. What is judged is the median of
    the newest `lasting` surprises, so that what lasts is seen where each value alone is nothing. `memory` of them say what is
    rare.
    """

    name: str
    recent: int
    season: Season | None = None
    habit: Season | None = None
    lasting: int = 1
    memory: int = 5000


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look says of one value: what was expected, how far off is usual, and how likely a surprise as large is."""

    look: Look
    expected: float
    surprise: float
    usual: float
    chance: float


class Watcher:
    """A look that goes along a series. A surprise is learned as no more than `clip` times the largest: none hides the next."""

    def __init__(self, look: Look, clip: float) -> None:
        self.look, self._clip = look, clip
        self._expectation = Expectation(look.recent, look.season)
        self._habits: dict[int, Newest] = {}
        self._surprises: deque[float] = deque(maxlen=look.lasting)
        self._sizes = Newest(look.memory)

    def see(self, at: datetime, value: float) -> Seen | None:
        """What it says of this value, which it then learns; None while it cannot know."""
        expected = self._expectation.of(at)
        self._expectation.learn(at, value)
        if expected is None:
            return None
        expected += self._habit(at, value - expected)
        self._surprises.append(value - expected)
        if len(self._surprises) < self.look.lasting:
            return None
        return self._judged(expected, median(self._surprises))

    def _habit(self, at: datetime, surprise: float) -> float:
        """As much of a surprise as came at this place before; it is then learned."""
        season = self.look.habit
        if season is None:
            return 0.0
        known = self._habits.setdefault(season.place(at), Newest(season.visits))
        habit = known.median if len(known) >= season.least else None
        known.learn(surprise)
        return habit if habit is not None and abs(surprise - habit) < abs(surprise) else 0.0

    def _judged(self, expected: float, surprise: float) -> Seen | None:
        size, sizes = abs(surprise), self._sizes
        if len(sizes) < LEAST:
            sizes.learn(size)
            return None
        seen = Seen(self.look, expected, surprise, sizes.limit(USUAL), sizes.chance(size))
        sizes.learn(min(size, self._clip * sizes.largest) if sizes.largest else size)
        return seen
