"""A run that never was is told by the next run of any cadence, in its report and in Slack."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.airflow_bridge.world import NOTIFY, World
from tests.notify.slack_double import SlackDouble

pytestmark = pytest.mark.airflow

TUESDAY = datetime(2026, 11, 24, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
RAN = "insert into upkeep.run values ('{0}', '{1}', '{2}', '{0}', 'r', 'scheduled', 't', '{3}', {4})"


def ran(world: World, cadence: str, end: datetime, length: timedelta = DAY, *, reported: bool = True) -> None:
    """A run of the past that began a minute after its window."""
    began = end + timedelta(minutes=1)
    world.lab.run(RAN.format(cadence, end - length, end, began, f"'{began + timedelta(minutes=9)}'" if reported else "null"))


def past(world: World, *, days: int = 20, missing: tuple[int, ...] = ()) -> None:
    """A daily run for each of the days before Tuesday's run, but for some, and the backups of each night."""
    world.lab.run("delete from upkeep.run")
    for ago in range(-3, days + 1):
        ran(world, "backups", TUESDAY - ago * DAY + timedelta(hours=1))
    for ago in set(range(1, days + 1)) - set(missing):
        ran(world, "daily", TUESDAY - ago * DAY)


def report(world: World, run_type: str = "scheduled", at: datetime = TUESDAY) -> list[str]:
    """What the daily run due at this moment says was missed."""
    world.run_at(at, run_type)
    world.begin()
    world.tasks.report()
    texts = f"select jsonb_array_elements_text(content->'missed_runs') from upkeep.report where window_end = '{at}'"
    return [text for (text,) in world.rows(texts)]


@pytest.mark.fault
def test_a_cadence_paused_by_mistake_reaches_the_report_and_slack(world: World, slack: SlackDouble) -> None:
    past(world)
    ran(world, "weekly", TUESDAY - 8 * DAY, WEEK)
    assert report(world) == ["weekly did not run for 2026-11-16 to 2026-11-22"]
    message = slack.sent()[-1]
    assert "1 run missed" in message["text"]
    assert "weekly did not run for 2026-11-16 to 2026-11-22" in str(message["blocks"])
    assert "paused" in str(message["blocks"]), "the message says what to do"
    assert "- weekly did not run for 2026-11-16 to 2026-11-22" in world.rows("select markdown from upkeep.report")[0][0]


@pytest.mark.fault
def test_it_is_told_again_until_it_runs(world: World) -> None:
    past(world)
    ran(world, "weekly", TUESDAY - 8 * DAY, WEEK)
    assert report(world) == report(world, at=TUESDAY + DAY) == ["weekly did not run for 2026-11-16 to 2026-11-22"]
    ran(world, "weekly", TUESDAY - DAY, WEEK)
    assert report(world) == []
    assert report(world, at=TUESDAY + 2 * DAY) == []


@pytest.mark.fault
def test_days_on_which_the_scheduler_was_down(world: World) -> None:
    past(world, missing=(1, 2, 3))
    ran(world, "weekly", TUESDAY - DAY, WEEK)
    assert report(world) == ["daily did not run for 2026-11-20 to 2026-11-22 (3 windows)"]
    assert report(world, at=TUESDAY + DAY) == [], "what this cadence has told once it does not tell again"


@pytest.mark.fault
def test_a_run_that_began_and_never_reported(world: World) -> None:
    past(world, missing=(1,))
    ran(world, "daily", TUESDAY - DAY, reported=False)
    ran(world, "weekly", TUESDAY - DAY, WEEK)
    assert report(world) == ["daily began, but never reported for 2026-11-22"]


@pytest.mark.fault
def test_backups_that_did_not_run(world: World) -> None:
    past(world)
    ran(world, "weekly", TUESDAY - DAY, WEEK)
    world.lab.run("delete from upkeep.run where cadence = 'backups' and window_end > '2026-11-22'")
    assert report(world) == ["backups did not run for 2026-11-21 to 2026-11-23 (2 windows)"]


@pytest.mark.baseline
def test_a_fresh_installation_misses_nothing(world: World) -> None:
    world.lab.run("delete from upkeep.run")
    assert report(world) == []
    past(world, days=1)
    assert report(world) == []


@pytest.mark.near_miss
def test_a_week_that_ended_just_now_may_still_be_starting(world: World) -> None:
    past(world)
    ran(world, "weekly", TUESDAY - 8 * DAY, WEEK)
    assert report(world, at=TUESDAY - DAY) == []


@pytest.mark.near_miss
def test_a_run_under_way_and_a_longer_window_by_hand_are_runs(world: World) -> None:
    past(world, missing=(1, 2))
    ran(world, "weekly", TUESDAY - DAY, WEEK)
    ran(world, "daily", TUESDAY - DAY, 2 * DAY)
    world.lab.run("update upkeep.run set finished_at = null where cadence = 'weekly'")
    world.lab.run("update upkeep.run set started_at = '2026-11-23 12:00+00' where cadence = 'weekly'")
    assert report(world) == []


@pytest.mark.near_miss
def test_what_the_inventory_pauses_is_not_missing(world: World) -> None:
    past(world)
    world.inventory("schedule: {weekly: null}\n")
    assert report(world) == []


@pytest.mark.near_miss
def test_a_backfill_looks_at_nothing(world: World, slack: SlackDouble) -> None:
    past(world)
    world.inventory(NOTIFY)
    assert report(world, "backfill") == []
    assert "missed" not in str(slack.sent())
