"""The scorecard by SQL: every target from counts, and unknown where nobody measured."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.delivery.world import WEEK, World, at, live
from tests.lab import Lab
from tests.service_world import day_of, put_day
from upkeep.answer import Answer, Metric
from upkeep.delivery.deployed import Outcome
from upkeep.signals.minutes import Minute
from upkeep.units import Unit
from upkeep.window import Window

DAY = timedelta(days=1)
DAYS = [WEEK.start + (place + 1) * DAY for place in range(7)]
WELL = Minute(100, 0, slow=1)


@pytest.fixture
def world(reports: Lab) -> World:
    return World(reports)


def card(world: World, window: Window = WEEK) -> dict[str, dict[str, Any]]:
    with world.lab.endpoint.connect("look") as connection:
        cursor = connection.execute("select * from upkeep.scorecard(%s, %s)", [window.start, window.end])
        names = [column.name for column in cursor.description or ()]
        return {row[1]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def values(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["value"], row["numerator"], row["denominator"], row["n"], row["met"]


def put_week(
    world: World, minutes: Sequence[Minute | None], service: str = "web", days: list[datetime] = DAYS, **more: Any
) -> None:
    for end in days:
        put_day(world.connection, service, end, day_of(end, minutes, **more))


def measure(world: World, duty: str, *metrics: Metric, target: str = "shop", day: int = 1) -> None:
    world.save(duty, Answer.judged("fine", metrics=metrics), Window(WEEK.start + day * DAY, WEEK.start + (day + 1) * DAY), target)


def imported(world: World, *ends: datetime) -> None:
    for end in ends:
        world.save("import_deployments", Answer.judged("told"), Window(end - DAY, end))


def test_nothing_measured_is_unknown_and_never_the_best_value(world: World) -> None:
    found = card(world)
    assert len(found) == 14
    for row in found.values():
        assert values(row) == (None, None, None, None, None), row["measure"]
        assert row["reason"], row["measure"]
        assert row["duty"], row["measure"]


def test_targets_are_those_of_the_programme(world: World) -> None:
    found = {name: (row["better"], row["target"], row["unit"]) for name, row in card(world).items()}
    assert found == {
        "uptime": ("above", 0.999, "1"),
        "response time": ("below", 0.5, "s"),
        "error rate": ("below", 0.001, "1"),
        "time to detect": ("below", 300, "s"),
        "time to resolve": ("below", 3600, "s"),
        "deployment frequency": ("at least", 1, "count/d"),
        "deployment success": ("above", 0.95, "1"),
        "test coverage": ("above", 0.8, "1"),
        "open vulnerabilities": ("at most", 0, "count"),
        "customer satisfaction": ("above", 4, "count"),
        "cache hit rate": ("above", 0.8, "1"),
        "CPU": ("below", 0.7, "1"),
        "memory": ("below", 0.8, "1"),
        "disk": ("below", 0.8, "1"),
    }


def test_a_good_week(world: World) -> None:
    put_week(world, [WELL])
    found = card(world)
    assert values(found["uptime"]) == (1.0, 10_080, 10_080, 10_080, True)
    assert values(found["error rate"]) == (0.0, 0, 1_008_000, 1_008_000, True)
    assert values(found["response time"]) == (0.01, 10_080, 1_008_000, 1_008_000, True)


def test_a_minute_is_down_when_half_of_its_requests_failed(world: World) -> None:
    put_week(world, [Minute(100, 49, slow=1)] * 1439 + [Minute(100, 50, slow=1)])
    found = card(world)
    assert values(found["uptime"]) == (10_073 / 10_080, 10_073, 10_080, 10_080, True)
    assert found["uptime"]["worst"] == "web"
    assert found["error rate"]["met"] is False


def test_a_short_service_weighs_by_its_minutes(world: World) -> None:
    put_week(world, [WELL])
    put_week(world, [None] * 1430 + [Minute(1, 1, slow=0)] * 5 + [Minute(1, 0, slow=0)] * 5, "young")
    up = card(world)["uptime"]
    assert (up["numerator"], up["denominator"], up["worst"]) == (10_080 + 35, 10_080 + 70, "young")


def test_a_quarter_with_a_hole_is_known_from_half_of_its_days_on(world: World) -> None:
    """With a change of clocks: 90 days of a zone that lacks one hour."""
    first, end = datetime.fromisoformat("2026-01-01T00:00:00+01:00"), datetime.fromisoformat("2026-04-01T00:00:00+02:00")
    quarter = Window(first, end)
    ends = [first + (number + 1) * DAY for number in range(45)]
    put_week(world, [WELL], days=ends[:44])
    assert card(world, quarter)["uptime"]["reason"] == "63360 of 129540 minutes were seen"
    put_week(world, [Minute(100, 60, slow=1)], days=ends[44:])
    assert values(card(world, quarter)["uptime"]) == (63_360 / 64_800, 63_360, 64_800, 64_800, False)
    assert values(card(world, quarter)["error rate"])[1:4] == (86_400, 6_480_000, 6_480_000)


def test_minutes_without_requests_count_neither_way(world: World) -> None:
    put_week(world, [WELL, Minute(0, 0, slow=0)])
    assert values(card(world)["uptime"])[1:4] == (5_040, 5_040, 5_040)


def test_less_than_half_seen_is_unknown(world: World) -> None:
    put_week(world, [WELL] * 4 + [None] * 6)
    found = card(world)
    for name in ("uptime", "error rate", "response time"):
        assert found[name]["reason"] == "4032 of 10080 minutes were seen"
        assert found[name]["value"] is None


def test_a_service_of_which_nothing_was_seen_is_not_left_out(world: World) -> None:
    """Where its source was away there is no row of signals: the others alone are not the whole system."""
    put_week(world, [WELL])
    for service in ("down", "away"):
        put_week(world, [WELL], service)
        world.connection.execute("delete from upkeep.golden_signal where target = %s", [service])
    for name in ("uptime", "error rate", "response time"):
        assert card(world)[name]["reason"] == "10080 of 30240 minutes were seen"
    world.connection.execute("delete from upkeep.answer where target = 'away'")
    assert values(card(world)["uptime"]) == (1.0, 10_080, 10_080, 10_080, True)


def test_days_without_a_row_are_not_seen(world: World) -> None:
    put_week(world, [WELL], days=DAYS[:3])
    assert card(world)["uptime"]["reason"] == "4320 of 10080 minutes were seen"


def test_percentiles_are_never_averaged(world: World) -> None:
    put_week(world, [Minute(100, 0, slow=None)], "quick", p95=(0.1, 0.1))
    put_week(world, [Minute(1, 0, slow=None)], "slow", p95=(0.6, 0.7))
    row = card(world)["response time"]
    assert (row["value"], row["unit"], row["target"], row["met"], row["worst"]) == (0.7, "s", 0.5, False, "slow")


def test_a_limit_within_the_bounds_cannot_be_told(world: World) -> None:
    put_week(world, [Minute(100, 0, slow=None)], p95=(0.25, 0.75))
    row = card(world)["response time"]
    assert (row["value"], row["met"]) == (None, None)
    assert row["reason"].startswith("cannot be told")


def test_a_percentile_of_few_requests_is_judged_by_nobody(world: World) -> None:
    few = [Minute(1, 0, slow=None)] * 99 + [Minute(0, 0, slow=None)] * 1341
    put_week(world, few, p95=(2.0, 2.0))
    assert card(world)["response time"]["reason"] == "no latency is known"
    put_week(world, [Minute(1, 0, slow=None), *few[:-1]], "more", p95=(0.6, 0.6))
    assert (card(world)["response time"]["value"], card(world)["response time"]["worst"]) == (0.6, "more")


def test_many_slow_requests_miss_it(world: World) -> None:
    put_week(world, [Minute(100, 0, slow=5)])
    assert values(card(world)["response time"])[0::4] == (0.05, False)


def test_deployments_by_those_without_a_failure(world: World) -> None:
    world.kept.keep([live(str(day), at(9, day=day), "a", commit_id=f"{day:040x}") for day in range(10, 18)])
    assert values(card(world)["deployment frequency"]) == (1.0, 7, 7, 7, True)
    assert values(card(world)["deployment success"]) == (1.0, 7, 7, 7, True)
    world.kept.keep(
        [live("x", at(9, day=12), "b", status=Outcome.FAILED), live("y", at(9, day=12), "c", status=Outcome.CANCELLED)]
    )
    world.kept.keep([live("17", at(9, day=17), "a", commit_id=f"{17:040x}", failed_at=at(10, day=17))])
    assert values(card(world)["deployment frequency"]) == (6 / 7, 6, 7, 6, False)
    assert values(card(world)["deployment success"]) == (6 / 8, 6, 8, 8, False)


def test_a_week_without_deployments_has_a_frequency_and_no_success(world: World) -> None:
    world.kept.keep([live("1", at(9, day=1), "a")])
    found = card(world)
    assert values(found["deployment frequency"]) == (0.0, 0, 7, 0, False)
    assert (found["deployment success"]["value"], found["deployment success"]["reason"]) == (None, "nothing was deployed")


def test_an_import_that_is_unknown_makes_them_unknown(world: World) -> None:
    world.kept.keep([live("1", at(9, day=12), "a")])
    put_week(world, [WELL])
    imported(world, *DAYS)
    assert values(card(world)["deployment success"]) == (1.0, 1, 1, 1, True)
    world.save("import_deployments", Answer.unknown("away"))
    for name in ("deployment frequency", "deployment success"):
        assert card(world)[name]["reason"] == "imports of deployments lack 24 h"


def test_days_that_were_not_imported_make_them_unknown_from_the_first_import_on(world: World) -> None:
    world.kept.keep([live("1", at(9, day=16), "a")])
    put_week(world, [WELL])
    imported(world, *DAYS[4:])
    assert values(card(world)["deployment success"]) == (1.0, 1, 1, 1, True)
    imported(world, WEEK.start - 30 * DAY)
    assert card(world)["deployment frequency"]["reason"] == "imports of deployments lack 96 h"
    world.connection.execute("update upkeep.target set active = false")
    assert values(card(world)["deployment success"]) == (1.0, 1, 1, 1, True)


@pytest.mark.near_miss
def test_days_that_begin_at_another_hour_cover_the_week_together(world: World) -> None:
    world.kept.keep([live("1", at(9, day=12), "a")])
    put_week(world, [WELL])
    hours = timedelta(hours=14, minutes=34)
    imported(world, *(end - DAY + hours for end in DAYS))
    lacking = 24 - 14 - 34 / 60
    assert card(world)["deployment frequency"]["reason"] == f"imports of deployments lack {lacking:.1f} h"
    imported(world, DAYS[-1] + hours)
    assert values(card(world)["deployment success"]) == (1.0, 1, 1, 1, True)


def test_other_environments_do_not_count(world: World) -> None:
    world.kept.keep([live("1", at(9, day=12), "a", environment="staging")])
    assert card(world)["deployment frequency"]["reason"] == "nobody told of a deployment to production"


def test_cache_by_counts_of_every_day(world: World) -> None:
    for day, (hits, lookups) in enumerate(((90, 100), (100, 700), (0, 100), (0, 100))):
        share = Metric(name="hit_rate", value=hits / lookups, unit=Unit.SHARE, numerator=hits, denominator=lookups)
        measure(world, "cache", share, day=day)
        if day == 2:
            assert card(world)["cache hit rate"]["reason"] == "3 of 7 days were measured"
    assert values(card(world)["cache hit rate"]) == (0.19, 190, 1000, 1000, False)


def test_the_fullest_host_is_told(world: World) -> None:
    for day, used in enumerate((0.2, 0.4, 0.2, 0.4)):
        metrics = [
            Metric(name=name, value=used + more, unit=Unit.SHARE, labels={"object": host})
            for name in ("cpu", "memory", "disk")
            for host, more in (("a", 0.0), ("b", 0.45))
        ]
        measure(world, "infrastructure", *metrics, day=day)
        if day == 2:
            assert [card(world)[name]["reason"] for name in ("CPU", "memory", "disk")] == ["3 of 7 days were measured"] * 3
    found = card(world)
    told = {
        name: (round(found[name]["value"], 9), found[name]["worst"], found[name]["met"]) for name in ("CPU", "memory", "disk")
    }
    assert told == {"CPU": (0.75, "b", False), "memory": (0.75, "b", True), "disk": (0.85, "b", False)}


FAULT = """
    insert into upkeep.vulnerability
    select 'vulnerabilities', %s, %s, %s, object, 'PyPI', object, '{1}', 'CVE', '{}', '{}', '{}', 's', severity::upkeep.severity,
        true, null, null, true, null, null, null, null, '{}', 'run', %s, state, null, null, 'w'
    from (values ('a', 'high', 'open'), ('b', 'critical', 'accepted'), ('c', 'medium', 'open')) as made (object, severity, state)
"""


def test_open_faults_of_the_newest_answers(world: World) -> None:
    world.save("vulnerabilities", Answer.judged("fine"), WEEK, "app")
    assert values(card(world)["open vulnerabilities"]) == (0.0, None, None, 1, True)
    world.save("vulnerabilities", Answer.unknown("away"), WEEK, "other")
    assert card(world)["open vulnerabilities"]["reason"] == "1 of 2 repositories could not be judged"
    world.connection.execute(FAULT, ["app", WEEK.start, WEEK.end, WEEK.end])
    assert values(card(world)["open vulnerabilities"]) == (1.0, None, None, 2, False)


def test_other_windows_do_not_count(world: World) -> None:
    put_week(world, [WELL])
    assert card(world, Window(WEEK.end, WEEK.end + WEEK.length))["uptime"]["value"] is None
    assert card(world, Window(WEEK.start, WEEK.start + DAY))["uptime"]["n"] == 1440
