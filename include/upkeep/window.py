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
    """
    When a duty is due: calendar periods, the most often first, and the nightly backups. The value is the id of its DAG.

    Backups have a DAG of their own, so that hours of copying delay no report.
    """

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    BACKUPS = "backups"

    @property
    def cron(self) -> str:
        """The default schedule: windows are calendar periods, so that days nest in weeks and months in quarters."""
        return _PERIODS[self].cron

    @property
    def has_past(self) -> bool:
        """Whether it may be backfilled: of a past night no backup can be taken."""
        return self is not Cadence.BACKUPS

    @property
    def compared_days(self) -> int:
        """How many days back a number is compared with its earlier windows."""
        return _PERIODS[self].compared_days

    @property
    def plotted_days(self) -> int:
        """How many days a plot of its windows shows."""
        return _PERIODS[self].plotted_days

    def period_start(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Start of the calendar period that `at` falls in, at midnight of `zone`."""
        midnight, months = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0), _PERIODS[self].months
        if months:
            return midnight.replace(day=1, month=midnight.month - (midnight.month - 1) % months)
        return midnight - timedelta(days=midnight.weekday()) if self is Cadence.WEEKLY else midnight

    def next_start(self, start: datetime, zone: ZoneInfo) -> datetime:
        """Start of the period after the one that starts at `start`."""
        days = _PERIODS[self].longest_days
        beyond = (start.astimezone(zone).replace(tzinfo=None) + timedelta(days=days, hours=12)).replace(tzinfo=zone)
        return self.period_start(beyond, zone)

    def last_full(self, before: datetime, zone: ZoneInfo) -> Window:
        """The last whole period that had ended by `before`."""
        end = self.period_start(before, zone)
        return Window(self.period_start(end - timedelta(hours=1), zone), end)


@dataclass(frozen=True, slots=True)
class _Period:
    """All that differs between cadences. `months` is 0 where the period is made of days."""

    cron: str
    months: int
    longest_days: int
    compared_days: int
    plotted_days: int


_PERIODS = {
    Cadence.DAILY: _Period("0 0 * * *", 0, 1, 60, 90),
    Cadence.WEEKLY: _Period("0 0 * * 1", 0, 7, 120, 365),
    Cadence.MONTHLY: _Period("0 0 1 * *", 1, 31, 400, 730),
    Cadence.QUARTERLY: _Period("0 0 1 */3 *", 3, 92, 1000, 1500),
    Cadence.YEARLY: _Period("0 0 1 1 *", 12, 366, 4000, 4000),
    # In the quiet of the night, an hour after the daily checks have begun and 23 before the next ones look at what was taken.
    Cadence.BACKUPS: _Period("0 1 * * *", 0, 1, 60, 90),
}
CADENCES = [cadence.value for cadence in Cadence]
"""Their names, the most often first."""


def is_latest(window: Window, at: datetime) -> bool:
    """
    Whether a live duty asked at `at` may answer for this window.

    Only the window that is under way or the newest ended one describes the present.
    """
    return window.start <= at < window.end + window.length


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
