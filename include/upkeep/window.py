"""The half-open interval `[start, end)` that a run is about, and the cadences that cut time into windows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """`[start, end)`, both aware and in UTC. Raises ValueError when naive or empty."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            msg = f"a window needs time zones: {self.start} to {self.end}"
            raise ValueError(msg)
        if self.start >= self.end:
            msg = f"a window must end after it starts: {self.start} to {self.end}"
            raise ValueError(msg)
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start

    def contains(self, at: datetime) -> bool:
        """Whether a moment falls inside."""
        return self.start <= at < self.end

    @classmethod
    def parse(cls, start: str, end: str) -> Self:
        """From two ISO 8601 texts; a date or time without an offset is UTC."""
        return cls(_aware(start), _aware(end))

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M} UTC"


class Cadence(StrEnum):
    """How often a duty is due. The value is the id of its DAG."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"

    @property
    def cron(self) -> str:
        """The default schedule: windows are calendar periods, so that days nest in weeks and months in quarters."""
        return {
            "daily": "0 0 * * *",
            "weekly": "0 0 * * 1",
            "monthly": "0 0 1 * *",
            "quarterly": "0 0 1 */3 *",
        }[self.value]

    def period_start(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Start of the calendar period that `at` falls in, at midnight of `zone`."""
        midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        match self:
            case Cadence.DAILY:
                return midnight
            case Cadence.WEEKLY:
                return midnight - timedelta(days=midnight.weekday())
            case Cadence.MONTHLY:
                return midnight.replace(day=1)
            case Cadence.QUARTERLY:
                return midnight.replace(day=1, month=midnight.month - (midnight.month - 1) % 3)

    def next_start(self, start: datetime, zone: ZoneInfo) -> datetime:
        """Start of the period after the one that starts at `start`."""
        days = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92}[self.value]
        beyond = (start.astimezone(zone).replace(tzinfo=None) + timedelta(days=days, hours=12)).replace(tzinfo=zone)
        return self.period_start(beyond, zone)

    def last_full(self, before: datetime, zone: ZoneInfo) -> Window:
        """The last whole period that had ended by `before`."""
        end = self.period_start(before, zone)
        return Window(self.period_start(end - timedelta(hours=1), zone), end)


def is_latest(window: Window, at: datetime) -> bool:
    """
    Whether a live duty asked at `at` may answer for this window.

    Only the window that is under way or the newest ended one describes the present.
    """
    return window.start <= at < window.end + window.length


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
