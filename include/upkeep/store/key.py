"""What an answer is about."""

from dataclasses import dataclass
from datetime import datetime

from upkeep.duty import Duty
from upkeep.window import Window


@dataclass(frozen=True, slots=True)
class Key:
    """What an answer is about; the key of its rows."""

    duty: str
    target: str
    window_start: datetime
    window_end: datetime

    @classmethod
    def of(cls, duty: Duty, target: str, window: Window) -> "Key":
        """The key for one duty, target and window."""
        return cls(duty.name, target, window.start, window.end)
