"""One objective by its minutes: periods, borders of the window, and services with hardly a request."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from upkeep.objectives.budget import Budget, budget_of
from upkeep.objectives.minutes import StoredMinutes
from upkeep.signals.minutes import MINUTE
from upkeep.stats.burn import LONGEST
from upkeep.targets.objective import Objective
from upkeep.window import Window

END = datetime(2026, 5, 15, tzinfo=UTC)
TODAY = Window(END - timedelta(days=1), END)
UP = Objective(name="up")


def judged(*bad: tuple[datetime, int], objective: Objective = UP, requests: int = 100, least_bad: int = 5, **more: Any) -> Budget:
    """Every minute alike and well but those that are named with what was bad of them."""
    count = objective.days * 1440 + LONGEST
    found = StoredMinutes(END - count * MINUTE, [requests] * count, [0] * count, [0] * count)
    for moment, errors in bad:
        found.errors[(moment - found.start) // MINUTE] = errors
    return budget_of(objective, more.get("minutes", found), more.get("window", TODAY), least_bad)


def outage(start: datetime, minutes: int, bad: int = 100) -> list[tuple[datetime, int]]:
    return [(start + place * MINUTE, bad) for place in range(minutes)]


@pytest.mark.parametrize(("days", "factors"), [(7, [3.36, 0.7]), (28, [13.44, 2.8]), (30, [14.4, 3]), (90, [43.2, 9])])
def test_factors_are_scaled_to_the_period(days: int, factors: list[float]) -> None:
    found = judged(*outage(END - timedelta(hours=5), 120), objective=Objective(name="up", days=days))
    assert [alert.factor for alert in found.alerts] == pytest.approx(factors)
    assert (found.minutes, found.requests) == (days * 1440, days * 144_000)


def test_what_is_older_than_its_days_no_longer_counts() -> None:
    week = Objective(name="up", days=7)
    first = END - timedelta(days=7)
    assert judged((first, 9), (first - MINUTE, 50), objective=week).bad == 9
    found = judged(*outage(first - timedelta(minutes=90), 60), objective=week)
    assert (found.bad, found.left, found.alerts) == (0, 1.0, ())


def test_an_alert_at_a_border_comes_in_one_window_and_is_on_in_those_that_it_touches() -> None:
    # A minute of 100 errors pages at its end, and is over five minutes after it.
    came = judged((TODAY.start - MINUTE, 100))
    assert [(alert.came_at, alert.ended_at) for alert in came.alerts] == [(TODAY.start, TODAY.start + 5 * MINUTE)]
    assert (came.came, came.came_of("page")) == ((), 0)
    within = judged((TODAY.start, 100))
    assert [alert.came_at for alert in within.came] == [TODAY.start + MINUTE]
    assert (within.came_of("page"), within.came_of("ticket")) == (1, 0)
    last = judged((END - MINUTE, 100))
    assert [(alert.came_at, alert.ended_at) for alert in last.came] == [(END, None)]


def test_one_that_ended_as_the_window_began_is_not_on_in_it() -> None:
    for place, alerts in ((6, 0), (5, 1)):
        found = judged((TODAY.start - place * MINUTE, 100))
        assert len(found.alerts) == alerts
        assert all(alert.ended_at == TODAY.start + MINUTE for alert in found.alerts)


def test_a_budget_that_was_spent_before_the_window_is_spent_in_it() -> None:
    found = judged(*outage(END - timedelta(days=20), 60))
    assert (found.bad, found.alerts) == (6000, ())
    assert found.left == pytest.approx(1 - 6000 / 4320)


@pytest.mark.near_miss
def test_one_bad_request_of_one_spends_all_and_wakes_nobody() -> None:
    count = UP.days * 1440 + LONGEST
    one = StoredMinutes(END - count * MINUTE, [*[0] * (count - 1), 1], [*[0] * (count - 1), 1], [0] * count)
    found = judged(minutes=one)
    assert (found.requests, found.bad, found.alerts) == (1, 1, ())
    assert (found.allowed, found.left) == (Fraction(1, 1000), -999.0)
    assert found.row.allowed == Decimal("0.001")


def test_the_strictest_goal_that_can_be_promised_has_a_budget() -> None:
    found = judged((END - MINUTE, 4), objective=Objective(name="up", goal=Decimal("0.999999999")))
    assert found.left == pytest.approx(1 - 4 / (4_320_000 / 10**9))
    assert found.alerts == ()
    with pytest.raises(ValueError, match="less than 1"):
        Objective(name="up", goal=Decimal(1))


@pytest.mark.parametrize(("bad", "alerts"), [(4, 0), (5, 1)])
def test_the_guard_counts_the_bad_ones_of_the_long_window(bad: int, alerts: int) -> None:
    found = judged(*outage(END - bad * MINUTE, bad, 1), requests=1)
    assert len([alert for alert in found.alerts if alert.kind == "page"]) == alerts


def test_seen_is_counted_since_the_first_minute_and_of_the_window() -> None:
    count = UP.days * 1440 + LONGEST
    hours: list[int | None] = [*[None] * (count - 2160), *[10] * 1080, *[None] * 540, *[10] * 540]
    found = judged(minutes=StoredMinutes(END - count * MINUTE, hours, [x and 0 for x in hours], [None] * count))
    assert (found.minutes_seen, found.known_since) == (1620, END - timedelta(hours=36))
    assert (found.coverage, found.window_coverage) == (0.75, 900 / 1440)
    none = judged(minutes=StoredMinutes(END - count * MINUTE, [None] * count, [None] * count, [None] * count))
    assert (none.coverage, none.known_since, none.left) == (0.0, None, None)


def test_the_end_of_a_month_and_a_change_of_clocks_cut_nothing() -> None:
    window = Window(datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))
    count = UP.days * 1440 + LONGEST
    found = StoredMinutes(window.end - count * MINUTE, [100] * count, [0] * count, [0] * count)
    for place in range(-120, -60):
        found.errors[place] = 100
    told = judged(minutes=found, window=window)
    assert [alert.came_at for alert in told.came if alert.kind == "page"] == [window.end - timedelta(minutes=119)]
    assert (told.requests, told.window_coverage) == (4_320_000, 1.0)
