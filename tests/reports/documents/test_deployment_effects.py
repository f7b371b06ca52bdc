"""deployment_effects: what each deployment of a month did, and which nobody compared."""

from datetime import datetime

import pytest

from tests.delivery.world import DAY, World, at, live
from tests.lab import Lab
from tests.service_world import day_of, put_day
from upkeep.checks.delivery.deployments import deployments
from upkeep.delivery.deployed import Outcome
from upkeep.reports.documents.deployment_effects import deployment_effects
from upkeep.reports.markdown import cell
from upkeep.reports.report import Report, publish_reports
from upkeep.signals.minutes import Minute
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

WELL, BAD = Minute(100, 1, slow=2), Minute(100, 9, slow=20)
MAY = Window(datetime.fromisoformat("2026-05-01T00:00:00Z"), datetime.fromisoformat("2026-06-01T00:00:00Z"))


@pytest.fixture
def world(reports: Lab) -> World:
    """A service whose day is well."""
    made = World(reports)
    made.kept.keep([live("1", at(2, day=13), "a"), live("2", at(10), "b", version="v2")])
    return made


def judged(world: World, bad_from: datetime | None = None) -> None:
    world.minutes(lambda minute: BAD if bad_from and minute >= bad_from else WELL)
    world.save("deployments", world.ask(deployments, DAY))


def made(world: World, window: Window = MAY) -> Report | None:
    return deployment_effects.make(Rows(world.connection), window)


@pytest.mark.baseline
def test_without_a_deployment_there_is_no_report(reports: Lab) -> None:
    assert deployment_effects.make(Rows(reports.session()), MAY) is None


@pytest.mark.fault
def test_one_that_made_it_worse_with_the_change_and_its_interval(world: World) -> None:
    for day, p95 in ((14, (0.2, 0.2)), (16, (0.25, 0.5))):
        put_day(world.connection, "web", at(0, day=day), day_of(at(0, day=day), [WELL], p95))
    judged(world, at(10))
    report = made(world)
    assert report
    first, rest = report.sections
    assert first.text == "1 deployment compared: 1 worse; worse most often at web (1)"
    (row,) = first.rows
    assert row[:6] == ("web production", "v2", "2026-05-14 10:00", "worse", "6,000 → 6,000", "1 % → 9 %")
    assert row[6].startswith("+8.00 (+")
    assert row[7] == "2 % → 20 %"
    assert row[9] == "200 ms → 250 ms to 500 ms"
    assert row[10].startswith("errors +8.00 points")
    assert rest.rows == (("web", "production", "1", "2026-05-13 02:00", "2026-05-13 02:00"),)
    assert report.title == "Deployments, before and after, 2026-05"


@pytest.mark.fault
def test_the_chart_has_the_interval_around_the_change(world: World) -> None:
    judged(world, at(10))
    report = made(world)
    assert report
    errors, slow = report.sections[0].charts
    assert (errors.title, errors.labels) == ("Change of failed requests by each deployment of web to production", ("14 May",))
    low, middle, high = (series.values[0] for series in errors.series)
    assert low is not None
    assert middle == pytest.approx(8)
    assert high is not None
    assert low < 8 < high
    assert slow.title.startswith("Change of slow answers")


def test_those_that_were_worse_come_first(world: World) -> None:
    world.kept.keep([live("0", at(5), "d", version="v0"), live("3", at(14), "c", version="v3")])
    world.minutes(lambda minute: BAD if at(10) <= minute < at(12) else None if minute >= at(14) else WELL)
    world.save("deployments", world.ask(deployments, DAY))
    report = made(world)
    assert report
    assert [(row[1], row[3]) for row in report.sections[0].rows] == [
        ("v2", "worse"),
        ("v3", "unknown"),
        ("v0", "no difference seen"),
    ]
    assert report.sections[0].charts[0].labels == ("14 May", "14 May", "14 May")
    assert report.sections[0].charts[0].series[0].values[2] is None


@pytest.mark.near_miss
def test_one_that_changed_nothing_is_no_worse(world: World) -> None:
    judged(world)
    report = made(world)
    assert report
    assert report.sections[0].text == "1 deployment compared: 1 no difference seen"
    assert report.sections[0].rows[0][9:] == ("unknown → unknown", "")


@pytest.mark.near_miss
def test_a_month_says_only_what_was_judged_in_it(world: World) -> None:
    judged(world)
    assert made(world, Window(MAY.end, MAY.end + MAY.length)) is None
    april = Window(datetime.fromisoformat("2026-04-01T00:00:00Z"), MAY.start)
    assert made(world, april) is None


@pytest.mark.near_miss
def test_what_was_known_only_later_changes_no_month(world: World) -> None:
    judged(world)
    before = made(world, Window(MAY.start, DAY.end))
    put_day(world.connection, "web", at(0, day=16), day_of(at(0, day=16), [WELL]))
    assert made(world, Window(MAY.start, DAY.end)) == before


def test_what_could_not_be_compared_is_unknown_with_its_reason(world: World) -> None:
    world.minutes(lambda minute: None if minute >= at(10) else WELL)
    world.save("deployments", world.ask(deployments, DAY))
    report = made(world)
    assert report
    (row,) = report.sections[0].rows
    assert row[3] == "unknown"
    assert row[5].endswith("→ unknown")
    assert row[6] == "unknown"
    assert "0 of 60 minutes after it were seen" in row[10]
    assert report.sections[0].charts == ()


def test_a_failed_job_and_a_cancelled_one_never_went_live(world: World) -> None:
    world.kept.keep([live("3", at(12), "c", status=Outcome.FAILED), live("4", at(13), "d", status=Outcome.CANCELLED)])
    report = made(world)
    assert report
    assert report.sections[0].rows == (("web", "production", "2", "2026-05-13 02:00", "2026-05-14 10:00"),)
    assert report.headline.startswith("2 deployments that nobody compared: ")


def test_a_failed_job_that_went_live_is_compared(world: World) -> None:
    world.kept.keep([live("9", at(14), "e", version="v9", status=Outcome.FAILED, failed_at=at(14.1))])
    judged(world, at(14))
    report = made(world)
    assert report
    assert [(row[1], row[3]) for row in report.sections[0].rows] == [("v9", "worse"), ("v2", "no difference seen")]


def test_it_is_kept_as_a_document_whose_names_cannot_break_it(world: World) -> None:
    hostile = "v3 | <script>"
    world.kept.keep([live("3", at(12), "c", version=hostile)])
    judged(world, at(12))
    publish_reports(world.connection, Cadence.MONTHLY, MAY)
    kept = world.connection.execute("select markdown from upkeep.report where name = 'deployment_effects'").fetchone()
    assert kept
    assert cell(hostile) in kept[0]
    assert hostile not in kept[0]
    assert "![Change of failed requests" in kept[0]
