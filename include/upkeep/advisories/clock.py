"""Until when a fault must be gone: one clock, whatever makes it run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from upkeep.answer import Severity

DAYS: Mapping[Severity, float] = {Severity.CRITICAL: 7, Severity.HIGH: 30, Severity.MEDIUM: 90, Severity.LOW: 120}


_END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Pause:
    """A time during which a fault is accepted; None without an end known."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Clock:
    """When it is due and why; `paused` while somebody accepts it: then it is due at no time."""

    due_at: datetime | None
    why: str
    paused: bool = False

    def overdue(self, at: datetime) -> bool:
        """Whether it should have been gone by then."""
        return self.due_at is not None and self.due_at < at


def clock(
    severity: Severity,
    first_seen: datetime,
    at: datetime,
    *,
    exploited_due: date | None = None,
    pauses: Iterable[Pause] = (),
    days: Mapping[Severity, float] = DAYS,
) -> Clock:
    """
    The earliest of the severity's days from when it was first seen, and the day that the catalogue of the exploited gives.

    A pause stops the days, and its end lets them run on. The catalogue's day is a day of the calendar: no pause moves it, but
    while one lasts nothing is due. A day of the catalogue lasts until its end (UTC).
    """
    held = [pause for pause in pauses if pause.start <= at]
    if any(pause.end is None or at < pause.end for pause in held):
        return Clock(None, "accepted", paused=True)
    limit = days[severity]
    due = _after(first_seen, timedelta(days=limit), held)
    by_catalogue = datetime.combine(exploited_due, _END_OF_DAY, UTC) if exploited_due else None
    if by_catalogue and by_catalogue < due:
        return Clock(by_catalogue, f"known to be exploited, due on {exploited_due:%Y-%m-%d}")
    return Clock(due, f"{severity.label}: {limit:g} days from {first_seen:%Y-%m-%d}")


def _after(start: datetime, left: timedelta, pauses: Iterable[Pause]) -> datetime:
    """When a clock that stands still during pauses has run for so long."""
    now = start
    for pause in sorted(pauses, key=lambda pause: pause.start):
        if pause.end is None or pause.end <= now:
            continue
        runs = max(timedelta(0), pause.start - now)
        if runs >= left:
            break
        left, now = left - runs, pause.end
    return now + left


def remediation(days: Iterable[float]) -> tuple[float, float] | None:
    """Median and 90th percentile of the days that mending took, by nearest rank; None when nothing was mended."""
    every = sorted(days)
    if not every:
        return None
    middle = (every[(len(every) - 1) // 2] + every[len(every) // 2]) / 2
    return middle, every[max(0, -(-len(every) * 9 // 10) - 1)]
