"""What is unusual about spend at one level: an anomaly that goes on, or a slow drift."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import median

from upkeep.checks.costs.spend_levels import DAY, Level
from upkeep.ledger.spend_drivers import NONE, Drivers, drivers
from upkeep.stats.anomaly.daily import judge_days
from upkeep.stats.anomaly.episodes import Anomaly, anomalies
from upkeep.stats.anomaly.judge import Judged
from upkeep.stats.trend import slope

BEFORE = 28
"""Days before an anomaly that it is compared with, to say what drove it."""
SETTLED = 3
"""Days that a fall must last: the newest days of a bill are not whole yet."""
_CENT = Decimal("0.01")
_WEEKS, _LEAST_WEEKS, _STEADY = 12, 8, 0.8


@dataclass(frozen=True, slots=True)
class Limits:
    """What is worth telling: how rare, how much money so far, and which share of what was expected."""

    rare: float
    money: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Found:
    """
    One thing unusual: what `days` days since `since` cost and were expected to, in all; the interval is that of the newest day.

    `kind` is rise, fall, new (nothing was ever spent there before) or drift. `chance` is how likely such a surprise is; None for
    a drift, of which no single day is a surprise.
    """

    level: Level
    kind: str
    since: date
    days: int
    came: Decimal
    expected: Decimal
    low: Decimal
    high: Decimal
    newest: Decimal
    chance: float | None
    drivers: Drivers | None

    @property
    def excess(self) -> Decimal:
        """Money above what was expected so far, below for a fall."""
        return self.came - self.expected

    @property
    def a_day(self) -> Decimal:
        """The same a day."""
        return (self.excess / self.days).quantize(_CENT)


def found_at(level: Level, limits: Limits, judged: Sequence[Judged | None] | None = None) -> Found | None:
    """What is unusual on the newest known day; None when nothing is worth telling. Its days may be judged already."""
    judged = judge_days(level.points()) if judged is None else judged
    every = anomalies(judged, rare=limits.rare, settled_fall=SETTLED)
    now = _anomaly(level, every[-1]) if every and every[-1].open else _drift(level)
    return now if now and _worth(now, limits) else None


def _worth(found: Found, limits: Limits) -> bool:
    return abs(found.excess) >= limits.money and abs(found.excess) >= limits.share * abs(found.expected)


def _anomaly(level: Level, anomaly: Anomaly) -> Found:
    calendar, cost = level.calendar(), level.cost()
    begin = calendar.index(anomaly.since.date())
    days = [day for day, amount in zip(calendar[begin:], cost[begin:], strict=True) if amount is not None]
    earlier = [amount for amount in cost[:begin] if amount is not None]
    before = [day for day in level.days if calendar[begin] - BEFORE * DAY <= day < calendar[begin]]
    newest = anomaly.values[-1]
    return Found(
        level=level,
        kind="fall" if anomaly.side < 0 else "rise" if any(earlier) else "new",
        since=calendar[begin],
        days=len(days),
        came=sum((amount for amount in cost[begin:] if amount is not None), NONE),
        expected=sum((_money(value.middle) for value in anomaly.values), NONE),
        low=_money(newest.low),
        high=_money(newest.high),
        newest=cost[-1] or NONE,
        chance=anomaly.chance,
        drivers=drivers(level.parts, set(days), set(before)) if before else None,
    )


def _drift(level: Level) -> Found | None:
    """Week by week a little more, over two to three months: no week is a surprise, all of them are."""
    calendar, cost = level.calendar(), level.cost()
    weeks = _weeks(cost)
    if len(weeks) < _LEAST_WEEKS or not _steady(weeks):
        return None
    begin = len(cost) - 7 * len(weeks)
    first = Decimal(str(median(weeks[:3])))
    now = calendar[-28:]
    came = sum((amount for amount in cost[-28:] if amount is not None), NONE)
    before = set(calendar[begin : begin + 28])
    return Found(
        level=level,
        kind="drift",
        since=calendar[begin],
        days=28,
        came=came,
        expected=(first * 4).quantize(_CENT),
        low=NONE,
        high=(first * 4).quantize(_CENT),
        newest=cost[-1] or NONE,
        chance=None,
        drivers=drivers(level.parts, set(now), before),
    )


def _weeks(cost: Sequence[Decimal | None]) -> list[float]:
    """Totals of the newest whole weeks, oldest first, back to a week that is not known wholly or cost nothing."""
    found: list[float] = []
    for end in range(len(cost), 6, -7):
        week = cost[end - 7 : end]
        if len(found) == _WEEKS or any(amount is None for amount in week) or not any(week):
            break
        found.append(float(sum(amount or NONE for amount in week)))
    return found[::-1]


def _steady(weeks: Sequence[float]) -> bool:
    """Whether nearly every later week is above nearly every earlier one, and no single step is most of the rise."""
    pairs = [later > earlier for at, earlier in enumerate(weeks) for later in weeks[at + 1 :]]
    steps = [b - a for a, b in pairwise(weeks)]
    rise = (slope(list(enumerate(weeks))) or 0) * (len(weeks) - 1)
    return rise > 0 and sum(pairs) >= _STEADY * len(pairs) and max(steps) <= rise / 2


def _money(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(_CENT)
