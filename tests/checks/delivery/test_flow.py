"""flow: five numbers, and every wrong one that others have shown."""

from datetime import timedelta
from typing import Any

import pytest

from tests.delivery.world import WEEK, World, at, live
from tests.lab import rules
from upkeep.answer import Answer, Status
from upkeep.checks.delivery.flow import flow
from upkeep.delivery.deployed import Outcome
from upkeep.humanize import span
from upkeep.window import Window

LETTERS = "abcdef0123456789"


def metric(answer: Answer, name: str, quantile: str = "") -> Any:
    for each in answer.metrics:
        if each.name == name and each.labels.get("quantile", "") == quantile:
            return each.value, each.numerator, each.denominator, each.n
    return None


def week_of(world: World, count: int, first: int = 11) -> None:
    """One before the week, then so many, an hour apart, each with one change of an hour before."""
    world.kept.keep([live("0", at(1, day=10), "9")])
    for place in range(count):
        when = at(place, day=first)
        commit = f"{place + 1:040x}"
        world.kept.keep([live(str(place + 1), when, "a", commit_id=commit)])
        world.change(str(place + 1), when - timedelta(hours=1))


@pytest.mark.baseline
def test_a_good_week(world: World) -> None:
    week_of(world, 14)
    answer = world.ask(flow, WEEK)
    assert (answer.status, rules(answer)) == (Status.OK, [])
    assert (
        answer.summary
        == "14 good deployments, 2.00 a day, lead time 1 h (90 %: 1 h), 0 of 14 failed, no recovery, rework unknown"
    )
    assert metric(answer, "deployment_frequency") == (2.0, 14, 7, 14)
    assert metric(answer, "change_lead_time", "0.5") == (3600, None, None, 14)
    assert metric(answer, "change_fail_rate") == (0.0, 0, 14, 14)
    assert metric(answer, "failed_deployment_recovery", "0.5") is None
    assert metric(answer, "deployment_rework_rate") is None


@pytest.mark.near_miss
def test_one_failure_of_two_is_no_rate(world: World) -> None:
    week_of(world, 2)
    world.kept.keep([live("2", at(1, day=11), "b", failed_at=at(2, day=11))])
    answer = world.ask(flow, WEEK)
    assert rules(answer) == []
    assert metric(answer, "change_fail_rate") == (0.5, 1, 2, 2)


@pytest.mark.fault
def test_failures_slowness_and_long_recoveries_are_told(world: World) -> None:
    world.kept.keep([live("0", at(1, day=1), "9")])
    for place in range(12):
        failed = {"failed_at": at(place + 0.5, day=11), "failed_why": "carts were empty"} if place < 9 else {}
        world.kept.keep([live(str(place + 1), at(place, day=11), "a", commit_id=f"{place + 1:040x}", **failed)])
        world.change(str(place + 1), at(0, day=1))
    answer = world.ask(flow, WEEK, most_recovery_hours=4)
    assert rules(answer) == [("change_fail_rate", "production"), ("lead_time", "production"), ("recovery_time", "production")]
    fails, lead, recovery = answer.findings
    assert (fails.title, fails.value) == ("9 of 12 deployments failed (75 %, limit 15 %)", 0.75)
    assert (lead.limit, lead.title) == (168 * 3600, f"half of the changes took {span(lead.value or 0)} or more (limit 7 d)")
    assert (recovery.limit, recovery.title) == (4 * 3600, "half of the failed deployments were live for 5 h or more (limit 4 h)")


@pytest.mark.near_miss
def test_times_at_their_limit_are_fine(world: World) -> None:
    world.kept.keep([live("1", at(9, day=10), "a"), live("2", at(10, day=12), "b", failed_at=at(11, day=12))])
    world.kept.keep([live("3", at(14, day=12), "c", committed_at=at(12, day=12))])
    assert rules(world.ask(flow, WEEK, most_lead_hours=2, most_recovery_hours=4)) == []
    assert len(rules(world.ask(flow, WEEK, most_lead_hours=1.99, most_recovery_hours=3.99))) == 2


def test_six_failures_on_four_of_23_are_four(world: World) -> None:
    week_of(world, 23)
    for _ in range(2):  # told again, as by six incidents
        for place in (3, 6, 9, 12):
            world.kept.keep([live(str(place), at(place - 1, day=11), "a", commit_id=f"{place:040x}", failed_at=at(24, day=11))])
    answer = world.ask(flow, WEEK)
    assert metric(answer, "change_fail_rate") == (pytest.approx(4 / 23), 4, 23, 23)


def test_failed_ones_are_in_neither_frequency_nor_lead_time(world: World) -> None:
    week_of(world, 3)
    world.kept.keep([live("2", at(1, day=11), "a", commit_id=f"{2:040x}", failed_at=at(2, day=11))])
    world.kept.keep(
        [live("x", at(9, day=12), "d", status=Outcome.FAILED), live("y", at(9, day=12), "e", status=Outcome.CANCELLED)]
    )
    answer = world.ask(flow, WEEK)
    assert metric(answer, "deployment_frequency") == (pytest.approx(2 / 7), 2, 7, 2)
    assert metric(answer, "change_lead_time", "0.5") == (3600, None, None, 2)
    assert metric(answer, "change_fail_rate") == (pytest.approx(1 / 3), 1, 3, 3)


def test_the_first_deployment_has_no_lead_time(world: World) -> None:
    world.kept.keep([live("1", at(9, day=12), "a", committed_at=at(0, day=1))])
    answer = world.ask(flow, WEEK)
    assert metric(answer, "change_lead_time", "0.5") is None
    assert "lead time unknown" in answer.summary
    world.kept.keep([live("2", at(10, day=12), "b", committed_at=at(9.5, day=12))])
    assert metric(world.ask(flow, WEEK), "change_lead_time", "0.5") == (1800, None, None, 1)


def test_recovery_counts_from_the_deployment_and_in_minutes(world: World) -> None:
    world.kept.keep([live("1", at(9, day=12), "a"), live("2", at(10, day=12), "b", failed_at=at(10.2, day=12))])
    world.kept.keep([live("3", at(10, day=12) + timedelta(seconds=750), "c")])
    answer = world.ask(flow, WEEK)
    assert metric(answer, "failed_deployment_recovery", "0.5") == (750, None, None, 1)
    assert "recovery 12.5 min" in answer.summary


def test_a_rollback_is_a_failure_and_rework(world: World) -> None:
    world.kept.keep([live("1", at(9, day=12), "a"), live("2", at(10, day=12), "b"), live("3", at(11, day=12), "a")])
    answer = world.ask(flow, WEEK)
    assert metric(answer, "change_fail_rate") == (pytest.approx(1 / 3), 1, 3, 3)
    assert metric(answer, "failed_deployment_recovery", "0.5") == (3600, None, None, 1)
    assert metric(answer, "deployment_rework_rate") == (1.0, 1, 1, 1)
    assert answer.evidence["failed"] == ["2: rolled back"]


def test_rework_is_of_those_of_which_it_is_known(world: World) -> None:
    for place, said in enumerate((True, False, False, None)):
        world.kept.keep([live(str(place), at(place, day=12), LETTERS[place], unplanned=said)])
    assert metric(world.ask(flow, WEEK), "deployment_rework_rate") == (pytest.approx(1 / 3), 1, 3, 3)


def test_an_empty_week_is_unknown_and_not_zero_hours(world: World) -> None:
    week_of(world, 2)
    answer = world.ask(flow, Window(WEEK.end, WEEK.end + WEEK.length))
    assert answer.status is Status.UNKNOWN
    assert "nothing went live" in answer.summary
    assert [m.name for m in answer.metrics] == ["deployment_frequency"]
    assert metric(answer, "deployment_frequency") == (0.0, 0, 7, 0)


def test_nobody_told_of_any_is_unknown(world: World) -> None:
    assert "nobody told of a deployment" in world.ask(flow, WEEK).summary


def test_a_week_with_a_day_that_was_not_imported_is_unknown(world: World) -> None:
    week_of(world, 2)
    places = {"deployments": [{"kind": "git_tags", "path": "/srv/shop"}]}
    day = Window(WEEK.start, WEEK.start + timedelta(days=1))
    for place in range(6):
        world.save(
            "import_deployments", Answer.judged("told"), Window(day.start + place * day.length, day.end + place * day.length)
        )
    assert "24 of 168 hours of the window were not imported" in world.ask(flow, WEEK, places).summary


def test_what_happened_later_does_not_change_a_past_answer(world: World) -> None:
    week_of(world, 3)
    first = world.ask(flow, WEEK)
    world.kept.keep([live("later", at(9, day=20), "9")])
    world.kept.keep([live("3", at(2, day=11), "a", commit_id=f"{3:040x}", failed_at=at(9, day=19))])
    assert world.ask(flow, WEEK) == first


@pytest.mark.near_miss
def test_what_was_live_before_has_no_lead_time_again(world: World) -> None:
    """A rollback, and the same commit once more: both were committed long ago."""
    old, new = at(0, day=1), at(9, day=12)
    world.kept.keep([live("1", at(9, day=10), "a", committed_at=old), live("2", at(10, day=12), "b", committed_at=new)])
    world.kept.keep([live("3", at(11, day=12), "b", committed_at=new), live("4", at(12, day=12), "a", committed_at=old)])
    answer = world.ask(flow, WEEK)
    assert metric(answer, "change_lead_time", "0.5") == (3600, None, None, 1)
    assert answer.evidence["deployments whose changes nobody knows"] == 0


def test_a_commit_of_two_deployments_counts_once_with_the_one_that_did_not_fail(world: World) -> None:
    world.kept.keep([live("1", at(9, day=10), "a"), live("2", at(10, day=12), "b"), live("3", at(11, day=12), "a")])
    world.kept.keep([live("4", at(15, day=12), "c"), live("5", at(16, day=12), "d")])
    world.change("2", at(9, day=12))
    world.change("4", at(9, day=12), at(14, day=12))
    answer = world.ask(flow, WEEK)
    assert metric(answer, "change_lead_time", "0.5") == (3.5 * 3600, None, None, 2)
    assert answer.evidence["deployments whose changes nobody knows"] == 1


def test_a_rollback_that_is_taken_back_goes_forward_again(world: World) -> None:
    world.kept.keep([live(str(hour), at(hour, day=12), commit) for hour, commit in enumerate("abab", start=1)])
    answer = world.ask(flow, WEEK)
    assert answer.evidence["failed"] == ["2: rolled back"]
    assert metric(answer, "failed_deployment_recovery", "0.5") == (3600, None, None, 1)
    assert metric(answer, "deployment_rework_rate") == (1.0, 1, 1, 1)
    world.kept.keep([live("5", at(5, day=12), "a")])
    assert world.ask(flow, WEEK).evidence["failed"] == ["2: rolled back", "4: rolled back"]
