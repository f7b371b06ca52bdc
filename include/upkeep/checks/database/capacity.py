"""When each limit of a database is reached, from what was measured of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import ClassVar

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural, size
from upkeep.record import Record
from upkeep.sources.rows import Rows
from upkeep.sources.stored_levels import Level, stored_levels
from upkeep.stats.even_series import DAY, even_series
from upkeep.stats.forecast import Forecast, Interval, Reached, TooShort
from upkeep.stats.headroom import Headroom, headroom
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence, Window


@dataclass(frozen=True, slots=True)
class CapacityForecast(Record):
    """One measure ahead. `reason` says why there is no forecast; the fan is its interval by `ahead_days`."""

    table: ClassVar[str] = "capacity_forecast"
    measure: str
    metric_duty: str
    metric: str
    labels: Mapping[str, str]
    unit: str
    n: int
    past_days: int
    value_now: float
    limit_value: float | None
    reason: str | None
    earliest_at: datetime | None
    expected_at: datetime | None
    latest_at: datetime | None
    horizon_at: datetime | None
    chance: float | None
    tested: int
    held: int
    begins_at: datetime
    ahead_days: Sequence[int]
    low: Sequence[float]
    middle: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True, slots=True)
class Planned:
    """A level and how it stands."""

    level: Level
    room: Headroom


@check(Cadence.QUARTERLY, owner="database")
def capacity(
    db: Database,
    rows: Rows,
    window: Window,
    *,
    plan_days: int = 180,
    urgent_days: int = 60,
    likely: float = 0.5,
    possible: float = 0.2,
) -> Answer:
    """
    When storage, connections, transaction ids and sequences reach their limits.

    Reads what the daily checks stored until the window's end (up to 500 days) and foretells each number with an interval that is
    to hold in four of five cases. How often it did hold in the number's own past stands beside it: believe it so far. Nothing is
    told for longer than twice the past, and nothing at all from fewer than 14 days. Storage needs `storage_gb` in the inventory.
    What a plan or a launch will bring is not in any past: add it yourself.
    """
    planned = [_planned(db, level, plan_days) for level in stored_levels(rows, db.name, window.end)]
    told = [one for one in planned if isinstance(one.room.ahead, Forecast)]
    if not told:
        return Answer.unknown(_nothing(planned), "let the daily run continue; each run adds a day")
    findings = [f for one in told if (f := _finding(one, plan_days, urgent_days, likely, possible))]
    return Answer.judged(
        _summary(db, planned, told, plan_days),
        findings=findings,
        metrics=[*_metrics(told)],
        records=[_record(one, plan_days) for one in planned],
    )


def _planned(db: Database, level: Level, plan_days: int) -> Planned:
    storage = db.storage_gb * 1e9 if db.storage_gb else None
    limit = storage if level.measure.name == "server_bytes" else level.measure.limit
    ceiling = 1.0 if level.unit == Unit.SHARE else inf
    room = headroom(level.name, level.unit, even_series(level.points), limit, days=2 * plan_days, ceiling=ceiling)
    return Planned(level, room)


def _nothing(planned: Sequence[Planned]) -> str:
    if not planned:
        return "nothing was measured of it until the window's end"
    longest = max(planned, key=lambda one: one.room.series.n).room.ahead
    return longest.text if isinstance(longest, TooShort) else ""


def _summary(db: Database, planned: Sequence[Planned], told: Sequence[Planned], plan_days: int) -> str:
    limited = [one for one in told if one.room.limit is not None]
    tried, held = sum(one.room.tested.n for one in told), sum(one.room.tested.held for one in told)
    first = min((r.expected for one in limited if (r := one.room.reached) and r.expected), default=None)
    parts = [
        f"{plural(len(limited), 'limit')} foretold, "
        + (f"the first is reached about {first:%Y-%m-%d}" if first else "none is in sight"),
        f"80 % intervals held in {held / tried:.0%} of {tried} back-tests" if tried else "too short for a back-test",
    ]
    if len(told) < len(planned):
        parts.append(f"{plural(len(planned) - len(told), 'number')} with too short a history")
    if not db.storage_gb:
        parts.append("storage has no limit (storage_gb is not given)")
    return "; ".join(parts)


def _finding(one: Planned, plan_days: int, urgent_days: int, likely: float, possible: float) -> Finding | None:
    """What is worth planning for: as likely as not, or possible enough, within the plan."""
    room, reached, chance = one.room, one.room.reached, one.room.chance(plan_days)
    if reached is None or chance is None:
        return None
    days = (reached.expected - room.series.newest_at).days if reached.expected else None
    if chance < possible and (days is None or days > plan_days):
        return None
    return Finding(
        rule="limit_ahead",
        object=room.name,
        severity=_severity(days, chance, plan_days, urgent_days, likely),
        title=_title(room, reached, chance, plan_days),
        remedy=one.level.measure.remedy,
        value=room.series.last,
        limit=room.limit,
        unit=Unit(room.unit),
        details={"back_tests": room.tested.n, "held": room.tested.held, "history_days": len(room.series.values)},
    )


def _title(room: Headroom, reached: Reached, chance: float, plan_days: int) -> str:
    limit, now = _formatted(room.limit or 0, room.unit), _formatted(room.series.last or 0, room.unit)
    tested = f"; intervals held in {room.tested.held} of {room.tested.n} back-tests" if room.tested.n else ""
    return f"{room.name} is at {now} and reaches {limit} {_when(reached)} ({chance:.0%} likely within {plan_days} days{tested})"


def _severity(days: int | None, chance: float, plan_days: int, urgent_days: int, likely: float) -> Severity:
    if days is not None and days <= urgent_days:
        return Severity.HIGH
    return Severity.MEDIUM if chance >= likely or (days is not None and days <= plan_days) else Severity.LOW


def _when(reached: Reached) -> str:
    """The interval in words, open where the horizon ends first."""
    begin = f"from {reached.earliest:%Y-%m-%d}" if reached.earliest else "later"
    end = f"to {reached.latest:%Y-%m-%d}" if reached.latest else f"to after {reached.horizon:%Y-%m-%d}"
    middle = f", most likely {reached.expected:%Y-%m-%d}" if reached.expected else ""
    return f"{begin} {end}{middle}"


def _formatted(value: float, unit: str) -> str:
    if unit == Unit.SHARE:
        return f"{value:.1%}"
    return size(value) if unit == Unit.BYTES else f"{value:,.0f} {unit}"


def _metrics(told: Sequence[Planned]) -> Iterator[Metric]:
    for one in told:
        room, label = one.room, {"measure": one.room.name}
        if room.tested.n:
            yield Metric(name="forecast_held", value=room.tested.held / room.tested.n, unit=Unit.SHARE, labels=label,
                         numerator=room.tested.held, denominator=room.tested.n, n=room.tested.n)  # fmt: skip
        if (reached := room.reached) and reached.expected:
            last = room.series.newest_at
            yield Metric(name="limit_days_left", value=(reached.expected - last).days, unit=Unit.DAYS, labels=label)


def _record(one: Planned, plan_days: int) -> CapacityForecast:
    room, reached = one.room, one.room.reached
    fan = _fan(room.ahead)
    return CapacityForecast(
        measure=room.name,
        metric_duty=one.level.measure.duty,
        metric=one.level.measure.name,
        labels=dict(one.level.labels),
        unit=room.unit,
        n=room.series.n,
        past_days=len(room.series.values),
        value_now=room.series.last or 0.0,
        limit_value=room.limit,
        reason=room.ahead.text if isinstance(room.ahead, TooShort) else None,
        earliest_at=reached.earliest if reached else None,
        expected_at=reached.expected if reached else None,
        latest_at=reached.latest if reached else None,
        horizon_at=room.series.newest_at + room.ahead.horizon * DAY if isinstance(room.ahead, Forecast) else None,
        chance=room.chance(plan_days),
        tested=room.tested.n,
        held=room.tested.held,
        begins_at=room.series.newest_at,
        ahead_days=[days for days, _ in fan],
        low=[interval.low for _, interval in fan],
        middle=[interval.middle for _, interval in fan],
        high=[interval.high for _, interval in fan],
    )


def _fan(ahead: Forecast | TooShort) -> list[tuple[int, Interval]]:
    """The interval of every day ahead: fewer would show one weekday only."""
    return [] if isinstance(ahead, TooShort) else list(enumerate(ahead.path(), 1))
