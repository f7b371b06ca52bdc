"""The stages of long work: announced, timed, and now and then how far the one under way has got."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from upkeep.duty import Progress

SAY_EVERY_S = 5.0


@dataclass
class Stages:
    """`seconds` holds the stages that ended well."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    _said: float = 0.0

    @contextmanager
    def stage(self, step: str, text: str = "") -> Iterator[None]:
        """One stage from its announcement to its end."""
        self.progress(step, text)
        begun = self._said = time.monotonic()
        yield
        self.seconds[step] = round(time.monotonic() - begun, 3)

    def now_and_then(self, step: str, text: Callable[[], str]) -> None:
        """Say how far a stage has got, unless that was said a moment ago."""
        if time.monotonic() - self._said >= SAY_EVERY_S:
            self._said = time.monotonic()
            self.progress(step, text())


def made_at(moment: datetime) -> str:
    """A new id that sorts by time, such as 20261123T000512Z-3f9c2a."""
    return f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
