"""How far long work has got, as lines of the task's log."""

import logging
from collections.abc import Iterator

from upkeep.duty import Progress
from upkeep.given.asked import Asked, provides

log = logging.getLogger("upkeep.progress")


@provides(Progress)
def progress(_: Asked) -> Iterator[Progress]:
    """Says each step in the log."""
    yield say_progress


def say_progress(step: str, text: str = "") -> None:
    """One step, and where it stands."""
    log.info("%s%s", step, f": {text}" if text else "")
