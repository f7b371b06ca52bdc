"""The time that a job has, so that it ends by itself before it is ended."""

import time
from collections.abc import Iterator

from upkeep.duty import Deadline
from upkeep.given.asked import Asked, provides

# What is left for storing the answer when the work stops in time.
RESERVE = 0.05


@provides(Deadline)
def deadline(asked: Asked) -> Iterator[Deadline]:
    """Of the duty's hours, from now on, less a reserve for storing the answer."""
    of_s = asked.duty.hours * 3600 * (1 - RESERVE)
    yield Deadline(time.monotonic() + of_s, of_s)
