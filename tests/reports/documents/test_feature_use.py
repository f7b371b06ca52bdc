"""feature_use: numbers of usage beside the records of features, by the middle of days."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.delivery.world import World
from tests.lab import Lab
from upkeep.answer import Answer, Metric
from upkeep.delivery.feature_record import FeatureRecord
from upkeep.reports.documents.feature_use import feature_use
from upkeep.reports.report import Report, publish_reports
from upkeep.sources.rows import Rows
from upkeep.units import Unit
from upkeep.window import Cadence, Window

JUNE = Window(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
DAY = timedelta(days=1)


@pytest.fixture
def world(reports: Lab) -> World:
    """A report database."""
    return World(reports)


def use(world: World, first: datetime = JUNE.start, days: int = 30, unit: Unit = Unit.COUNT, **values: float) -> None:
    """The same numbers of web on each of these days."""
    for place in range(days):
        start = first + place * DAY
        metrics = [Metric(name=name, value=value, unit=unit) for name, value in values.items()]
        world.save("usage", Answer.judged("as told", metrics=metrics), Window(start, start + DAY))


def feature(world: World, name: str, stage: str, *missing: str, end: datetime = JUNE.end - DAY) -> None:
    """A repository whose only feature is this one, at the end of a week."""
    record = FeatureRecord(f"features/{name}.md", name.title(), stage, "ann", [*missing], [*missing], [])
    world.save("feature_gates", Answer.judged("read", records=[record]), Window(end - 7 * DAY, end), target=name)


def made(world: World) -> Report | None:
    return feature_use.make(Rows(world.connection), JUNE)


def verdicts(report: Report | None) -> dict[str, str]:
    assert report
    return {row[0].split(" ")[0]: row[3] for part in report.sections if part.title == "Features" for row in part.rows}


@pytest.mark.baseline
def test_nothing_known_is_no_report(world: World) -> None:
    assert made(world) is None


@pytest.mark.baseline
def test_a_live_feature_in_use(world: World) -> None:
    use(world, JUNE.start - 30 * DAY, carts_kept=100)
    use(world, carts_kept=120)
    feature(world, "carts", "live")
    report = made(world)
    assert verdicts(report) == {"Carts": "used"}
    assert report
    (row,) = report.sections[0].rows
    assert row[2:11] == ("ann", "used", "web", "carts_kept", "120", "120", "100", "+20.0 %", "30 of 30")
    assert report.headline == "1 feature: 0 live and not used, 0 not measured, 0 whose record says otherwise."


@pytest.mark.fault
def test_unused_unmeasured_early_and_untold_ones_come_first(world: World) -> None:
    use(world, search=0, wishes=5, gifts=3, carts=1)
    feature(world, "search", "done")
    feature(world, "maps", "live")
    feature(world, "wishes", "build")
    feature(world, "gifts", "done", "usage")
    feature(world, "carts", "rollout")
    report = made(world)
    assert verdicts(report) == {
        "Gifts": "used, though its gate usage is not passed",
        "Maps": "not measured",
        "Search": "not used, though its gate usage is passed",
        "Wishes": "used, though its stage is build",
        "Carts": "used",
    }
    assert report
    assert report.sections[0].text == ("5 features: 1 live and not used (Search), 1 not measured, 3 whose record says otherwise")
    assert report.sections[0].rows[-1][3] == "used"


@pytest.mark.near_miss
def test_one_that_nobody_should_use_yet_and_nobody_does_is_left_out(world: World) -> None:
    use(world, wishes=0)
    feature(world, "wishes", "design")
    feature(world, "maps", "staging")
    report = made(world)
    assert verdicts(report) == {}


@pytest.mark.near_miss
def test_a_number_without_a_value_is_unknown_and_not_unused(world: World) -> None:
    use(world, JUNE.start - 30 * DAY, carts=7)
    feature(world, "carts", "live")
    report = made(world)
    assert verdicts(report) == {"Carts": "unknown: a number has no value in the month"}
    assert report
    assert report.sections[0].rows[0][6:11] == ("unknown", "unknown", "7", "unknown", "0 of 30")


@pytest.mark.near_miss
def test_a_number_is_about_the_feature_with_the_longest_name_and_whole_words(world: World) -> None:
    use(world, cart=1, carts_shared_week=0, carts_week=2, cartsize=3)
    feature(world, "carts", "live")
    feature(world, "carts-shared", "live")
    report = made(world)
    assert verdicts(report) == {"Carts": "used", "Carts-Shared": "not used"}
    assert report
    assert [row[1] for row in report.sections[1].rows] == ["cart", "cartsize"]


def test_one_wild_day_moves_no_month_and_gaps_are_said(world: World) -> None:
    use(world, JUNE.start - 30 * DAY, signups=10)
    use(world, signups=10)
    use(world, JUNE.start, days=1, signups=10_000)
    world.connection.execute("delete from upkeep.metric where window_end > '2026-06-20'")
    report = made(world)
    assert report
    (row,) = report.sections[0].rows
    assert row[3:7] == ("10", "10", "+0.0 %", "19 of 30")
    (chart,) = report.sections[1].charts
    assert (len(chart.labels), chart.labels[0], chart.labels[-1]) == (49, "02 May", "19 Jun")
    assert chart.series[0].values[30] == 100_000


def test_shares_are_said_as_such_and_zeros_are_not_drawn(world: World) -> None:
    use(world, unit=Unit.SHARE, conversion=0.031)
    use(world, JUNE.start - 30 * DAY, nothing=0)
    report = made(world)
    assert report
    assert [row[2] for row in report.sections[0].rows] == ["3.1 %", "unknown"]
    (chart,) = report.sections[1].charts
    assert [series.name for series in chart.series] == ["conversion"]


def test_what_came_later_changes_no_month(world: World) -> None:
    use(world, carts=2)
    feature(world, "carts", "live")
    before = made(world)
    use(world, JUNE.end, carts=0)
    feature(world, "carts", "build", end=JUNE.end + 6 * DAY)
    assert made(world) == before


def test_a_number_that_is_none_is_unknown(world: World) -> None:
    use(world, carts=2)
    world.connection.execute("update upkeep.metric set value = 'NaN' where window_end > '2026-06-10'")
    report = made(world)
    assert report
    assert report.sections[0].rows[0][6] == "9 of 30"


def test_it_is_kept_as_a_document(world: World) -> None:
    use(world, carts=2)
    publish_reports(world.connection, Cadence.MONTHLY, JUNE)
    kept = world.connection.execute("select markdown from upkeep.report where name = 'feature_use'").fetchone()
    assert kept
    assert "# Use of features, 2026-06" in kept[0]
