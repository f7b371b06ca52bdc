"""Time to detect: each outage once, by months with how many it is of, and on the scorecard; nothing happened is not the best."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.delivery.world import World
from tests.lab import Lab
from upkeep.answer import Answer
from upkeep.objectives.records import BurnAlertRow
from upkeep.window import Window

MAY = datetime(2026, 5, 1, tzinfo=UTC)
DAY = Window(datetime(2026, 5, 14, tzinfo=UTC), datetime(2026, 5, 15, tzinfo=UTC))
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(reports: Lab) -> World:
    return World(reports)


def page(
    first: datetime, after: int, lasted: int | None = 30, objective: str = "availability", kind: str = "page"
) -> BurnAlertRow:
    """An alert so many minutes after the first bad one."""
    came = first + after * MINUTE
    return BurnAlertRow(objective, kind, came, None if lasted is None else came + lasted * MINUTE, first, 14.4, 60, 5)


def keep(world: World, *alerts: BurnAlertRow, window: Window = DAY, target: str = "web") -> None:
    world.save("slo", Answer.judged("as it was", records=alerts), window, target)


def seen(world: World, query: str, *given: object) -> Sequence[tuple[Any, ...]]:
    with world.lab.endpoint.connect("look") as connection:
        return connection.execute(query.encode(), given).fetchall()


def on_card(world: World, window: Window = DAY) -> tuple[Any, ...]:
    query = "select value, n, met, worst, reason from upkeep.scorecard(%s, %s) where measure = 'time to detect'"
    return seen(world, query, window.start, window.end)[0]


@pytest.mark.baseline
def test_mean_median_and_longest_of_a_month_with_their_number(world: World) -> None:
    at = DAY.start + 3 * MINUTE
    keep(world, page(at, 2), page(at + 120 * MINUTE, 3), page(at + 300 * MINUTE, 13))
    assert seen(world, "select * from upkeep.detection_month") == [("web", MAY.date(), 360.0, 180.0, 780.0, 3)]
    assert on_card(world) == (360.0, 3, False, "web", None)


@pytest.mark.fault
def test_without_an_outage_it_is_unknown(world: World) -> None:
    keep(world, page(DAY.start, 90, kind="ticket"))
    assert seen(world, "select * from upkeep.detection_month") == []
    value, n, met, worst, reason = on_card(world)
    assert (value, n, met, worst) == (None, None, None, None)
    assert "would have paged" in reason


@pytest.mark.near_miss
def test_two_objectives_that_tell_one_outage_are_one_and_the_first_page_counts(world: World) -> None:
    at = DAY.start + 60 * MINUTE
    keep(world, page(at, 4), page(at + MINUTE, 9, objective="latency"), page(at + 34 * MINUTE, 2, objective="latency"))
    assert seen(world, "select seconds, pages from upkeep.detection") == [(240.0, 3)]
    keep(world, page(at, 4), page(at + 35 * MINUTE, 2, objective="latency"))
    assert seen(world, "select seconds, pages from upkeep.detection order by 1") == [(120.0, 1), (240.0, 1)]


def test_one_over_midnight_and_the_end_of_a_month_counts_once_where_it_came(world: World) -> None:
    end = datetime(2026, 6, 1, tzinfo=UTC)
    last, first = Window(end - timedelta(days=1), end), Window(end, end + timedelta(days=1))
    keep(world, page(end - 4 * MINUTE, 4, None), window=last)
    keep(world, page(end - 4 * MINUTE, 4), page(end + 20 * MINUTE, 4, objective="latency"), window=first)
    assert seen(world, "select month, outages, mean_seconds from upkeep.detection_month") == [(MAY.date(), 1, 240.0)]
    assert on_card(world, last)[:2] == (240.0, 1)
    assert on_card(world, first)[0] is None


def test_services_do_not_mix_and_the_slowest_is_named(world: World) -> None:
    at = DAY.start + 60 * MINUTE
    keep(world, page(at, 2))
    keep(world, page(at, 4), target="shop")
    assert on_card(world) == (180.0, 2, True, "shop", None)


def test_the_month_is_the_same_in_every_zone_of_the_reader(world: World) -> None:
    keep(world, page(datetime(2026, 4, 30, 23, 50, tzinfo=UTC), 20))
    with world.lab.endpoint.connect("look") as connection:
        for zone in ("America/Los_Angeles", "Pacific/Auckland", "UTC"):
            connection.execute("select set_config('TimeZone', %s, false)", [zone])
            assert connection.execute("select month from upkeep.detection_month").fetchall() == [(MAY.date(),)]
