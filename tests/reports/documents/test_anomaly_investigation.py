"""anomaly_investigation: each anomaly of a week with what else was known of its hours."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.checks.service import test_anomalies as past
from tests.delivery.world import BY, World, live
from tests.lab import Lab
from tests.objectives.stored import store_window
from tests.reviews.service.test_anomaly_verdicts import MONDAY, WEEK, said
from upkeep.answer import Answer
from upkeep.checks.service.anomalies import anomalies
from upkeep.checks.service.anomalies_said import AnomalyRow
from upkeep.delivery.effect import DeploymentEffect
from upkeep.reports.documents.anomaly_investigation import anomaly_investigation
from upkeep.reports.report import Report, publish_reports
from upkeep.reports.section import Section
from upkeep.signals.alert_rows import AlertFiring
from upkeep.signals.minutes import Minute
from upkeep.sources.rows import Rows
from upkeep.store.answers import save
from upkeep.store.deployments import StoredDeployments
from upkeep.window import Cadence, Window

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TUESDAY = MONDAY + DAY
NOON = TUESDAY + 12 * HOUR
ROW = AnomalyRow(
    rule="error_share_rise", series="share of errors", since=NOON, until=NOON + HOUR, open=False, at=NOON + HOUR, value=0.2,
    low=0.0, expected=0.002, high=0.004, unit="1", chance=1e-7, n=900, together=["share of slow answers"], deployments=[],
)  # fmt: skip


@pytest.fixture
def world(reports: Lab) -> World:
    """A report database."""
    return World(reports)


def put(world: World, *rows: AnomalyRow, service: str = "shop", start: object = TUESDAY) -> None:
    """What anomalies stored of a day."""
    window = Window(start, start + DAY)  # type: ignore[arg-type,operator]
    world.save("anomalies", Answer.judged("as told", records=list(rows)), window, target=service)


def made(world: World, window: Window = WEEK) -> Report | None:
    return anomaly_investigation.make(Rows(world.connection), window)


def told(world: World) -> tuple[Section, dict[str, str]]:
    """The overview, and what is found of the rarest."""
    report = made(world)
    assert report
    return report.sections[0], {row[0]: row[1] for row in report.sections[1].rows}


def deployed(world: World, verdict: str) -> None:
    """Version 7 of the shop, an hour before noon, with what it did."""
    StoredDeployments(world.connection, "shop").keep([live("7", NOON - HOUR, "a", version="v7")])
    sides = (NOON - 2 * HOUR, NOON - HOUR, 60, 6000, 6, None, NOON - HOUR, NOON, 60, 6000, 1200, None)
    effect = DeploymentEffect("production", "7", verdict, "as counted", *sides, None, None, None, None, None, None, [])
    world.save("deployments", Answer.judged("compared", records=[effect]), Window(TUESDAY, TUESDAY + DAY), target="shop")


@pytest.mark.baseline
def test_a_week_without_anomalies_has_no_report(world: World) -> None:
    put(world)
    assert made(world) is None


@pytest.mark.fault
def test_one_that_is_alone(world: World) -> None:
    put(world, ROW)
    overview, found = told(world)
    assert overview.text == "1 anomaly of 1 service: 1 alone"
    assert overview.rows == (
        ("shop", "share of errors", "2026-11-03 12:00", "2026-11-03 14:00", "20 %", "0 % to 0.4 %", "once in 1,000,000",
         "what changed then", "not judged yet"),
    )  # fmt: skip
    assert found == {
        "expected": "0.2 %, 0 % to 0.4 %, from 900 values before",
        "came": "20 % at 2026-11-03 13:00 UTC; by chance once in 1,000,000",
        "on": "from 2026-11-03 12:00 to 2026-11-03 14:00 UTC",
        "moved with it": "share of slow answers",
        "at other services": "nothing known",
        "alerts then": "nothing known",
        "deployed before": "nothing known",
        "signals around them": "nothing known",
        "people say": "not judged yet",
    }


@pytest.mark.fault
@pytest.mark.parametrize(("verdict", "kind"), [("worse", "a deployment that was worse"), ("no difference seen", "a deployment")])
def test_a_deployment_before_it_is_named_with_what_it_did(world: World, verdict: str, kind: str) -> None:
    put(world, replace(ROW, deployments=["v7 to production at 2026-11-03 11:00 UTC"]))
    deployed(world, verdict)
    overview, found = told(world)
    assert overview.text == f"1 anomaly of 1 service: 1 after {kind}"
    assert found["deployed before"] == "v7 to production at 2026-11-03 11:00 UTC"
    assert found["signals around them"] == f"v7 to production: {verdict}"
    assert "v7 to production" in overview.rows[0][7]


@pytest.mark.near_miss
def test_a_deployment_four_hours_before_is_not_named(world: World) -> None:
    put(world, replace(ROW, since=NOON + 3 * HOUR, until=NOON + 3 * HOUR, at=NOON + 3 * HOUR))
    deployed(world, "worse")
    assert told(world)[1]["signals around them"] == "nothing known"


@pytest.mark.fault
def test_other_services_and_alerts_of_the_same_hours_are_named(world: World) -> None:
    put(world, ROW)
    put(world, replace(ROW, since=NOON + HOUR, until=NOON + 2 * HOUR, chance=1e-4), service="api")
    firing = AlertFiring("HighErrors", "", "page", NOON + HOUR, None, 3600, None, None, acknowledged_known=True)
    world.save("alerts", Answer.judged("fired", records=[firing]), Window(TUESDAY, TUESDAY + DAY), target="shop")
    overview, found = told(world)
    assert overview.text == "2 anomalies of 2 services: 2 with other services"
    assert found["at other services"] == "api: share of errors"
    assert found["alerts then"] == "HighErrors from 2026-11-03 13:00"


@pytest.mark.near_miss
def test_what_began_when_it_was_over_is_not_named(world: World) -> None:
    put(world, ROW)
    put(world, replace(ROW, since=NOON + 2 * HOUR, until=NOON + 2 * HOUR, at=NOON + 2 * HOUR), service="api")
    assert told(world)[0].text == "2 anomalies of 2 services: 2 alone"


def test_one_of_several_days_is_told_once_with_its_rarest_hour(world: World) -> None:
    put(world, replace(ROW, open=True))
    later = replace(ROW, until=NOON + DAY, at=NOON + DAY, value=0.05, chance=1e-3, open=True)
    put(world, later, start=TUESDAY + DAY)
    overview, found = told(world)
    assert len(overview.rows) == 1
    assert overview.rows[0][3:5] == ("still on", "20 %")
    assert found["on"].endswith("to 2026-11-04 13:00 UTC, and still on at the end of the week")


def test_a_number_by_days_lasts_a_day(world: World) -> None:
    put(world, replace(ROW, rule="p95_rise", series="p95 of latency", unit="s", value=1.5, low=0.1, expected=0.2, high=0.3,
                       since=TUESDAY, until=TUESDAY, at=TUESDAY, chance=0.001))  # fmt: skip
    overview, found = told(world)
    assert overview.rows[0][2:7] == ("2026-11-03 00:00", "2026-11-04 00:00", "1.5 s", "100 ms to 300 ms", "once in 1,000")
    assert found["came"].startswith("1.5 s at")


@pytest.mark.near_miss
def test_those_of_other_weeks_are_left_out(world: World) -> None:
    put(world, ROW, start=WEEK.end)
    put(world, ROW, start=MONDAY - DAY)
    assert made(world) is None


def test_the_hours_are_drawn_with_what_was_expected(world: World) -> None:
    put(world, ROW)
    day = Window(TUESDAY, TUESDAY + DAY)
    usual, bad = Minute(100, 0), Minute(100, 20)
    minutes = [bad if 720 <= place < 840 else None if place >= 1200 else usual for place in range(1440)]
    store_window(world.connection, "shop", day, minutes)
    report = made(world)
    assert report
    (chart,) = report.sections[1].charts
    came, most, middle, least = (series.values for series in chart.series)
    place = chart.labels.index("Tue 13 h")
    assert (came[place - 2], came[place], came[place + 9], came[0]) == (0, 20, None, None)
    assert [line[place] for line in (most, middle, least)] == [0.4, 0.2, 0]
    assert sum(value is not None for value in most) == 1


def test_what_people_said_by_the_end_of_the_week(world: World) -> None:
    put(world, ROW, replace(ROW, rule="requests_fall", series="requests a minute", chance=1e-3))
    said(world.lab, "real", "false alarm")
    overview, found = told(world)
    assert overview.text.endswith("people judged 1 false alarm, 1 real")
    assert found["people say"] == "real, says ann"
    report = made(world)
    assert report
    assert report.sections[-1].text == "1 of 2 that people judged so far were real"
    earlier = made(world, Window(WEEK.start, WEEK.end - DAY))
    assert earlier
    assert "judged" not in earlier.headline


def test_hostile_names_and_many_are_kept_as_a_document(world: World) -> None:
    put(world, *(replace(ROW, series=f"cache db `1`|[x](y) <b> {number}") for number in range(12)))
    publish_reports(world.connection, Cadence.WEEKLY, WEEK)
    kept = world.connection.execute("select markdown from upkeep.report where name = 'anomaly_investigation'").fetchone()
    assert kept
    assert "<b>" not in kept[0]
    assert kept[0].count("| people say | not judged yet |") == 10
    assert "12 alone; the 10 rarest are looked into" in kept[0]
    assert kept[0].count("\n## ") == 11


def test_what_the_check_itself_stored_is_looked_into(world: World) -> None:
    past.put(world.connection, lambda hour, one: Minute(one.requests, one.requests // 5, slow=0) if hour >= past.NOON else one)
    save(world.connection, anomalies, "shop", past.TODAY, past.asked(world.connection), replace(BY, asked_at=past.TODAY.end))
    report = made(world, Window(past.TODAY.end - 7 * DAY, past.TODAY.end))
    assert report
    assert report.sections[0].text == "1 anomaly of 1 service: 1 alone"
    (chart,) = report.sections[1].charts
    came, most = chart.series[0].values, chart.series[1].values
    assert [value for value in most if value is not None] < [value for value in came[-12:] if value is not None]
    assert len(chart.labels) == 7 * 24
