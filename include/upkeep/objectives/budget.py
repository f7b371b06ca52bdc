"""One objective of a service judged by its stored minutes: the budget, and the alerts of a window."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from upkeep.objectives.minutes import StoredMinutes
from upkeep.objectives.records import BurnAlertRow, ErrorBudget
from upkeep.signals.minutes import MINUTE
from upkeep.stats.burn import Counts
from upkeep.stats.burn_replay import BurnAlert, replay
from upkeep.targets.objective import Objective
from upkeep.window import Window

DAY_MINUTES = 1_440


@dataclass(frozen=True, slots=True)
class Budget:
    """
    An objective at the end of a window.

    `coverage` is of the minutes since the first that was seen, and `window_coverage` of the window alone. `alerts` are those
    that were on in the window, `came` those of them that came in it.
    """

    objective: Objective
    requests: int
    bad: int
    minutes: int
    minutes_seen: int
    known_since: datetime | None
    coverage: float
    window_coverage: float
    alerts: tuple[BurnAlertRow, ...]
    came: tuple[BurnAlertRow, ...]

    @property
    def allowed(self) -> Fraction:
        """As many of the requests may be bad."""
        return self.requests * self.objective.budget

    @property
    def left(self) -> float | None:
        """Share of the budget that is left; None without requests."""
        return float(1 - self.bad / self.allowed) if self.requests else None

    def came_of(self, kind: str) -> int:
        """How many of a kind came in the window."""
        return sum(alert.kind == kind for alert in self.came)

    @property
    def row(self) -> ErrorBudget:
        """As it is stored."""
        one = self.objective
        allowed = Decimal(self.allowed.numerator) / self.allowed.denominator
        counts = (self.requests, self.bad, allowed, self.left, self.minutes, self.minutes_seen, self.known_since)
        return ErrorBudget(one.name, one.of, one.goal, one.days, *counts, self.came_of("page"), self.came_of("ticket"))


def budget_of(objective: Objective, minutes: StoredMinutes, window: Window, least_bad: int) -> Budget:
    """Judge an objective at a window's end. `minutes` end there, and reach back over its days and the longest rule."""
    counts, period = minutes.counts(objective.of), objective.days * DAY_MINUTES
    alerts = [_row(objective, minutes, alert, period) for alert in replay(counts, objective.budget, period, least_bad=least_bad)]
    on = [alert for alert in alerts if alert.ended_at is None or alert.ended_at > window.start]
    seen = [place for place, each in enumerate(counts.all[-period:], max(0, len(counts.all) - period)) if each is not None]
    span = len(counts.all) - seen[0] if seen else 0
    return Budget(
        objective=objective,
        requests=_total(counts, period)[1],
        bad=_total(counts, period)[0],
        minutes=period,
        minutes_seen=len(seen),
        known_since=minutes.at(seen[0]) if seen else None,
        coverage=len(seen) / span if span else 0.0,
        window_coverage=_coverage(counts, window),
        alerts=tuple(on),
        came=tuple(alert for alert in on if alert.came_at > window.start),
    )


def _total(counts: Counts, period: int) -> tuple[int, int]:
    return sum(bad or 0 for bad in counts.bad[-period:]), sum(every or 0 for every in counts.all[-period:])


def _coverage(counts: Counts, window: Window) -> float:
    last = counts.all[-max(1, window.length // MINUTE) :]
    return sum(each is not None for each in last) / len(last)


def _row(objective: Objective, minutes: StoredMinutes, alert: BurnAlert, period: int) -> BurnAlertRow:
    return BurnAlertRow(
        objective=objective.name,
        kind=alert.kind,
        came_at=minutes.at(alert.begin + 1),
        ended_at=None if alert.end is None else minutes.at(alert.end + 1),
        first_bad_at=minutes.at(alert.first_bad),
        factor=float(alert.rule.factor(period)),
        long_minutes=alert.rule.long,
        short_minutes=alert.rule.short,
    )
