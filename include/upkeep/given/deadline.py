"""The time that a job has, so that it ends by itself before it is ended."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from upkeep.given.asked import Asked, provides

# What is left for storing the answer when the work stops in time.
RESERVE = 0.05


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock by which work is to have stopped; `of_s` is all the time there was, seconds."""

    at: float
    of_s: float

    @property
    def left_s(self) -> float:
        """Seconds that are left; never below zero."""
        return max(0.0, self.at - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether nothing is left."""
        return self.left_s <= 0

    def allows(self, seconds: float) -> bool:
        """Whether a piece of work that takes this long would end in time."""
        return seconds <= self.left_s


@provides(Deadline)
def deadline(asked: Asked) -> Iterator[Deadline]:
    """Of the duty's hours, from now on, less a reserve for storing the answer."""
    of_s = asked.duty.hours * 3600 * (1 - RESERVE)
    yield Deadline(time.monotonic() + of_s, of_s)
