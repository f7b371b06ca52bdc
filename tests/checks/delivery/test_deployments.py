"""deployments: what went live, and what it did, from the counts of minutes that were seen."""

from datetime import datetime, timedelta

import pytest

from tests.delivery.world import DAY, World, at, live
from tests.lab import rules
from tests.service_world import day_of, put_day
from upkeep.answer import Answer, Status
from upkeep.checks.delivery.deployments import Ended, deployments
from upkeep.delivery.deployed import Outcome
from upkeep.signals.minutes import Minute
from upkeep.window import Window

WELL, BAD = Minute(100, 1, slow=2), Minute(100, 9, slow=2)


@pytest.fixture
def deployed(world: World) -> World:
    """One deployment at ten in a day that is well."""
    world.kept.keep([live("1", at(2, day=13), "a"), live("2", at(10), "b")])
    return world


def effect(world: World) -> tuple[object, ...]:
    with world.lab.endpoint.connect("look") as connection:
        query = (
            "select verdict, before_requests, before_errors, after_requests, after_errors, others from upkeep.deployment_effect"
        )
        return connection.execute(query).fetchone() or ()


@pytest.mark.baseline
def test_one_that_changed_nothing(deployed: World) -> None:
    deployed.minutes(lambda _: WELL)
    answer = deployed.ask(deployments, DAY)
    assert (answer.status, answer.summary) == (Status.OK, "1 deployment to production, 0 failed; compared: 1 no difference seen")
    assert [(m.name, m.value, m.numerator, m.denominator) for m in answer.metrics] == [
        ("deployments", 1, None, None),
        ("deployment_success", 1.0, 1, 1),
    ]
    assert answer.evidence["deployments"] == ["2 (bbbbbbbbbb) by ann"]
    deployed.save("deployments", answer)
    assert effect(deployed) == ("no difference seen", 6000, 60, 6000, 60, [])


@pytest.mark.near_miss
def test_a_worsening_that_began_before_it(deployed: World) -> None:
    deployed.minutes(lambda minute: BAD if minute >= at(8) else WELL)
    assert deployed.ask(deployments, DAY).status is Status.OK


@pytest.mark.fault
def test_one_that_made_it_worse(deployed: World) -> None:
    deployed.minutes(lambda minute: BAD if minute >= at(10) else WELL)
    answer = deployed.ask(deployments, DAY)
    assert rules(answer) == [("worse_deployment", "production/2")]
    assert answer.findings[0].severity.label == "high"
    assert answer.findings[0].title.startswith("after deployment 2 (bbbbbbbbbb) by ann: errors +8.00 points")


@pytest.mark.near_miss
def test_what_a_later_window_says_of_the_same_minutes_changes_nothing(deployed: World) -> None:
    deployed.minutes(lambda _: WELL)
    before = deployed.ask(deployments, DAY)
    later = DAY.end + timedelta(hours=12)
    put_day(deployed.lab.session(), "web", later, day_of(later, [BAD]))
    put_day(deployed.lab.session(), "web", later - timedelta(hours=8), day_of(later - timedelta(hours=8), [BAD]))
    assert deployed.ask(deployments, DAY) == before


def test_a_failed_job_is_told(deployed: World) -> None:
    deployed.kept.keep([live("3", at(12), "c", status=Outcome.FAILED, url="https://ci.test/3")])
    deployed.minutes(lambda _: WELL)
    answer = deployed.ask(deployments, DAY)
    assert rules(answer) == [("failed_deployment", "production/3")]
    assert "https://ci.test/3" in answer.findings[0].remedy
    assert [(m.numerator, m.denominator) for m in answer.metrics if m.name == "deployment_success"] == [(1, 2)]


def test_a_cancelled_one_is_neither_well_nor_failed(deployed: World) -> None:
    deployed.kept.keep([live("3", at(12), "c", status=Outcome.CANCELLED)])
    deployed.minutes(lambda _: WELL)
    answer = deployed.ask(deployments, DAY)
    assert [(m.numerator, m.denominator) for m in answer.metrics if m.name == "deployment_success"] == [(1, 1)]


def test_minutes_that_nobody_saw_are_unknown(deployed: World) -> None:
    deployed.minutes(lambda minute: None if at(10) <= minute < at(10.6) else WELL)
    answer = deployed.ask(deployments, DAY)
    assert answer.status is Status.UNKNOWN
    assert "24 of 60 minutes after it were seen" in answer.summary
    deployed.save("deployments", answer)
    assert effect(deployed)[0] == "unknown"


def test_another_one_within_the_hour_cuts_the_span_and_is_named(deployed: World) -> None:
    deployed.kept.keep([live("3", at(10.5), "c")])
    deployed.minutes(lambda minute: BAD if minute >= at(10.45) else WELL)
    answer = deployed.ask(deployments, DAY)
    assert rules(answer) == [("worse_deployment", "production/3")]
    assert "near it: 2" in answer.findings[0].title


def test_an_outage_after_it_is_named(deployed: World) -> None:
    deployed.minutes(lambda minute: Minute(100, 90, slow=2) if at(10.5) <= minute < at(10.75) else WELL)
    (finding,) = deployed.ask(deployments, DAY).findings
    assert "an outage after it from 10:30 UTC" in finding.title


def test_each_is_told_once_and_once_its_minutes_are_over(world: World) -> None:
    world.kept.keep([live("1", at(2), "a"), live("2", at(23.5), "b")])
    next_day = Window(DAY.end, DAY.end + DAY.length)
    for window in (DAY, next_day):
        world.minutes(lambda _: WELL, window)
    told = [world.ask(deployments, window).summary for window in (DAY, next_day)]
    assert told == [
        "2 deployments to production, 0 failed; compared: 1 no difference seen",
        "0 deployments to production, 0 failed; compared: 1 no difference seen",
    ]


def test_nobody_told_of_any_is_unknown(world: World) -> None:
    answer = world.ask(deployments, DAY)
    assert (answer.status, answer.summary) == (Status.UNKNOWN, "nobody told of a deployment to production")


def test_a_day_that_was_not_imported_is_unknown(deployed: World) -> None:
    places = {"deployments": [{"kind": "git_tags", "path": "/srv/shop"}]}
    deployed.minutes(lambda _: WELL)
    assert "24 of 24 hours of the window were not imported" in deployed.ask(deployments, DAY, places).summary
    deployed.save("import_deployments", Answer.unknown("away"))
    assert deployed.ask(deployments, DAY, places).status is Status.UNKNOWN
    deployed.save("import_deployments", Answer.judged("1 deployment told"))
    assert deployed.ask(deployments, DAY, places).status is Status.OK


def test_another_environment_is_asked_for_by_name(deployed: World) -> None:
    deployed.kept.keep([live("7", at(12), "c", environment="staging")])
    deployed.minutes(lambda _: WELL)
    assert deployed.ask(deployments, DAY, environment="staging").evidence["deployments"] == ["7 (cccccccccc) by ann"]


def test_later_facts_do_not_change_a_past_answer(deployed: World) -> None:
    deployed.minutes(lambda _: WELL)
    first = deployed.ask(deployments, DAY)
    deployed.kept.keep([live("9", datetime.fromisoformat("2026-05-20T10:00:00Z"), "a")])
    assert deployed.ask(deployments, DAY) == first


def test_one_that_still_runs_at_the_end_cuts_the_span_whatever_becomes_of_it(deployed: World) -> None:
    """Begun at 23:20, it made things worse before it was live at ten past midnight, if it ever was."""
    first = live("2", at(22.5), "b")
    running = live("3", at(24), "c", started_at=at(23.2), finished_at=None, status=Outcome.RUNNING)
    deployed.kept.keep([first, running])
    deployed.minutes(lambda minute: BAD if minute >= at(23.2) else WELL)
    scheduled = deployed.ask(deployments, DAY)
    assert (scheduled.status, rules(scheduled)) == (Status.OK, [])
    assert scheduled.summary.startswith("1 deployment to production")
    deployed.save("deployments", scheduled)
    assert effect(deployed) == ("no difference seen", 6000, 60, 4200, 42, ["3"])
    for status in (Outcome.SUCCEEDED, Outcome.FAILED):
        deployed.kept.keep([live("3", at(24.2), "c", started_at=at(23.2), status=status)])
        assert deployed.ask(deployments, DAY) == scheduled


def test_a_job_that_failed_cuts_only_when_it_went_live(deployed: World) -> None:
    failed = live("3", at(10.5), "c", status=Outcome.FAILED)
    deployed.kept.keep([failed])
    deployed.minutes(lambda minute: BAD if minute >= at(10.5) else WELL)
    assert ("worse_deployment", "production/2") in rules(deployed.ask(deployments, DAY))
    deployed.connection.execute("update upkeep.deployment set failed_at = %s where deployment = '3'", [at(10.6)])
    assert ("worse_deployment", "production/3") in rules(deployed.ask(deployments, DAY))


@pytest.mark.parametrize(("seconds", "told"), [(-1, 1), (0, 0)])
def test_its_hour_may_end_just_before_the_window_does(world: World, seconds: int, told: int) -> None:
    when = at(23) + timedelta(seconds=seconds)
    world.kept.keep([live("1", at(2, day=13), "a"), live("2", when, "b")])
    next_day = Window(DAY.end, DAY.end + DAY.length)
    for window in (DAY, next_day):
        world.minutes(lambda _: WELL, window)
    said = ["compared: none", "compared: 1 no difference seen"]
    assert world.ask(deployments, DAY).summary.endswith(said[told])
    assert world.ask(deployments, next_day).summary.endswith(said[1 - told])


@pytest.mark.parametrize(
    ("version", "by", "text"),
    [("v7", "ann", "7 (v7) by ann"), ("7", None, "7"), (None, "ann", "7 by ann"), ("v7", None, "7 (v7)")],
)
def test_it_is_called_by_what_is_known(version: str | None, by: str | None, text: str) -> None:
    assert Ended("7", version, at(1), at(2), "succeeded", live=True, deployed_by=by, url=None).text == text
