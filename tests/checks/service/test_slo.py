"""slo: budgets by counts, and the alerts of a day long ago."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.lab import Lab, rules
from tests.objectives.stored import DAY, Connection, store_minutes, store_window
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.service.slo import slo
from upkeep.objectives.records import BurnAlertRow, ErrorBudget
from upkeep.signals.minutes import Minute
from upkeep.sources.rows import Rows
from upkeep.store.answers import Provenance, save
from upkeep.store.migrate import migrate
from upkeep.targets.service import Service
from upkeep.window import Window

START = datetime(2026, 4, 14, tzinfo=UTC)
DAYS = 31
TODAY = Window(START + (DAYS - 1) * DAY, START + DAYS * DAY)
FINE, DOWN = Minute(100, slow=0), Minute(100, errors=100, slow=0)
TEN = 10 * 60 + 30


@pytest.fixture
def connection(lab: Lab) -> Connection:
    """An empty report database."""
    migrate(lab.endpoint)
    return lab.session()


def service(**more: Any) -> Service:
    return Service(name="shop", owner="tester", signals={"kind": "query", "connection": "shop", "minutes": "select"}, **more)


def asked(connection: Connection, window: Window = TODAY, of: Service | None = None, **thresholds: float) -> Answer:
    found: Answer = slo.ask(of or service(), Rows(connection), window, **thresholds)
    return found


def put(connection: Connection, today: Sequence[Minute | None], before: Minute | None = FINE, days: int = DAYS) -> None:
    """A day, and so many with it that were all alike."""
    store_minutes(connection, "shop", TODAY.end - days * DAY, [*[before] * (1440 * (days - 1)), *today])


def budgets(answer: Answer) -> list[ErrorBudget]:
    return [one for one in answer.records if isinstance(one, ErrorBudget)]


def alerts(answer: Answer) -> list[BurnAlertRow]:
    return [one for one in answer.records if isinstance(one, BurnAlertRow)]


def outage(minutes: int, at: int = TEN) -> list[Minute | None]:
    return [*[FINE] * at, *[DOWN] * minutes, *[FINE] * (1440 - at - minutes)]


def at(hour: int, minute: int) -> datetime:
    return TODAY.start + timedelta(hours=hour, minutes=minute)


@pytest.mark.baseline
def test_a_month_without_errors_has_its_whole_budget(connection: Connection) -> None:
    put(connection, [FINE] * 1440)
    answer = asked(connection)
    (row,) = budgets(answer)
    assert (answer.status, alerts(answer)) == (Status.OK, [])
    assert (row.requests, row.bad, row.allowed, row.budget_left) == (4_320_000, 0, Decimal(4320), 1.0)
    assert (row.minutes, row.minutes_seen) == (43_200, 43_200)
    assert "100.0% of its error budget left (0 of 4,320,000 requests bad, 4,320 allowed" in answer.summary


@pytest.mark.near_miss
def test_what_burns_as_fast_as_it_may_is_fine(connection: Connection) -> None:
    put(connection, [Minute(1000, errors=1)] * 1440, Minute(1000))
    assert rules(asked(connection)) == []


@pytest.mark.fault
def test_an_outage_of_that_day_would_have_paged(connection: Connection) -> None:
    put(connection, outage(20))
    answer = asked(connection)
    assert rules(answer) == [("burn_page", "availability"), ("burn_ticket", "availability")]
    page, ticket = alerts(answer)
    # 87 of an hour's 6,000 requests are above 1.44 %: the first minute of the outage is enough, at its end.
    assert (page.kind, page.came_at, page.first_bad_at, page.ended_at) == ("page", at(10, 31), at(10, 30), at(11, 20))
    assert (page.factor, page.long_minutes, page.short_minutes) == (14.4, 60, 5)
    # 433 of a day's 144,000: the fifth minute.
    assert (ticket.kind, ticket.came_at, ticket.factor) == ("ticket", at(10, 35), 3.0)
    (row,) = budgets(answer)
    assert (row.bad, row.pages, row.tickets) == (2000, 1, 1)
    assert row.budget_left == pytest.approx(1 - 2000 / 4320)
    assert "1 page and 1 ticket would have come, first at 2026-05-14 10:31 UTC" in answer.summary
    assert [finding.severity for finding in answer.findings] == [Severity.MEDIUM, Severity.LOW]


@pytest.mark.fault
def test_what_goes_on_at_the_end_is_red_and_a_spent_budget_too(connection: Connection) -> None:
    put(connection, outage(60, 1380))
    answer = asked(connection)
    assert rules(answer)[:2] == [("burn_page", "availability"), ("error_budget", "availability")]
    assert {finding.severity for finding in answer.findings[:2]} == {Severity.HIGH}
    assert alerts(answer)[0].ended_at is None
    assert "error budget spent 1.4 times (6,000 of 4,320,000 requests bad, 4,320 allowed" in answer.findings[1].title


def test_an_alert_over_midnight_stands_in_both_days_and_came_once(connection: Connection) -> None:
    put(connection, outage(60, 1380))
    tomorrow = Window(TODAY.end, TODAY.end + DAY)
    store_window(connection, "shop", tomorrow, [FINE] * 1440)
    before, after = alerts(asked(connection))[0], alerts(asked(connection, tomorrow))[0]
    assert (before.came_at, before.ended_at) == (after.came_at, None)
    assert after.ended_at == TODAY.end + timedelta(minutes=30)
    assert [row.pages for row in budgets(asked(connection, tomorrow))] == [0]
    assert "was still on after 2026-05-15 00:00 UTC" in asked(connection, tomorrow).findings[2].title


def test_the_day_says_the_same_whatever_came_later(connection: Connection) -> None:
    put(connection, outage(60, 1380))
    first = asked(connection)
    store_window(connection, "shop", Window(TODAY.end, TODAY.end + DAY), [DOWN] * 1440)
    assert asked(connection) == first


@pytest.mark.near_miss
def test_one_error_of_a_quiet_service_is_no_page(connection: Connection) -> None:
    quiet: list[Minute | None] = [*[Minute(0, slow=0)] * 29, Minute(1, slow=0)] * 48
    quiet[719] = Minute(1, errors=1, slow=0)
    store_minutes(connection, "shop", START, quiet * DAYS)
    assert rules(asked(connection)) == [("error_budget", "availability")]
    assert rules(asked(connection, least_bad=50)) == []
    connection.execute("truncate upkeep.answer cascade")
    store_minutes(connection, "shop", TODAY.start, quiet)
    assert asked(connection).status is Status.OK
    assert "1 of 48 requests bad" in asked(connection).summary


@pytest.mark.near_miss
def test_minutes_that_nobody_saw_are_no_outage_and_no_quiet(connection: Connection) -> None:
    put(connection, [*[FINE] * 600, *[None] * 120, *[FINE] * 720])
    answer = asked(connection)
    assert (answer.status, budgets(answer)[0].minutes_seen) == (Status.OK, 43_080)


@pytest.mark.fault
def test_of_a_day_that_few_saw_nothing_is_said(connection: Connection) -> None:
    put(connection, [*[FINE] * 700, *[None] * 740])
    answer = asked(connection)
    assert answer.status is Status.UNKNOWN
    assert "49% of the window's minutes" in answer.summary


def test_without_any_minute_it_is_unknown(connection: Connection) -> None:
    answer = asked(connection)
    assert (answer.status, answer.summary) == (Status.UNKNOWN, "availability is unknown: no minute of 30 d was seen")


def test_without_requests_it_is_unknown(connection: Connection) -> None:
    put(connection, [Minute(0)] * 1440, Minute(0))
    assert asked(connection).summary == "availability is unknown: no request came in 30 d"


@pytest.mark.fault
def test_a_day_up_and_five_minutes_down_is_judged_by_its_requests(connection: Connection) -> None:
    put(connection, outage(5), days=1)
    answer = asked(connection)
    (row,) = budgets(answer)
    assert (row.requests, row.bad, row.known_since) == (144_000, 500, TODAY.start)
    assert row.budget_left == pytest.approx(1 - 500 / 144)
    assert (
        "error budget spent 3.5 times (500 of 144,000 requests bad, 144 allowed, 3% of 30 d seen), known since 2026-05-14"
        in answer.summary
    )


def test_a_night_weighs_no_more_than_its_requests(connection: Connection) -> None:
    # Half of 2 requests a minute fail all night, none of 1,000 by day: a mean of shares would say 25 %.
    put(connection, [*[Minute(2, errors=1)] * 720, *[Minute(1000)] * 720], days=1)
    (row,) = budgets(asked(connection))
    assert (row.bad, row.requests) == (720, 721_440)


def test_slow_answers_have_an_objective_of_their_own(connection: Connection) -> None:
    of = service(objectives=[{"name": "speed", "of": "slow", "goal": 0.99, "days": 28}])
    put(connection, [Minute(100, slow=30)] * 1440, FINE)
    answer = asked(connection, of=of)
    (row,) = budgets(answer)
    assert (row.bad_is, row.goal, row.days, row.bad, row.requests) == ("slow", Decimal("0.99"), 28, 43_200, 4_032_000)
    assert alerts(answer)[0].factor == pytest.approx(13.44)


def test_where_slow_cannot_be_told_its_objective_is_unknown(connection: Connection) -> None:
    of = service(objectives=[{"name": "up"}, {"name": "speed", "of": "slow"}])
    put(connection, [Minute(100)] * 1440, Minute(100))
    answer = asked(connection, of=of)
    assert answer.status is Status.UNKNOWN
    assert answer.summary.endswith("speed is unknown: no minute of 30 d was seen with its slow answers")
    assert {metric.labels["objective"] for metric in answer.metrics} == {"up"}
    assert [row.objective for row in budgets(answer)] == ["up"]


@pytest.mark.parametrize("hours", [23, 25])
def test_a_day_on_which_clocks_change_is_as_long_as_it_is(connection: Connection, hours: int) -> None:
    window = Window(TODAY.start, TODAY.start + timedelta(hours=hours))
    store_minutes(connection, "shop", START, [FINE] * (1440 * (DAYS - 1)))
    store_window(connection, "shop", window, [*[FINE] * (hours * 60 - 10), *[DOWN] * 10])
    answer = asked(connection, window)
    (row,) = budgets(answer)
    assert (row.minutes_seen, row.bad) == (43_200, 1000)
    assert alerts(answer)[0].came_at == window.end - timedelta(minutes=9)


def test_every_ratio_says_what_it_is_made_of(connection: Connection) -> None:
    put(connection, outage(1))
    shares = [metric for metric in asked(connection).metrics if metric.unit == "1"]
    assert {metric.name for metric in shares} == {"error_budget_left", "bad_share", "minutes_seen"}
    assert all(metric.value == pytest.approx((metric.numerator or 0) / (metric.denominator or 1)) for metric in shares)
    assert all(metric.n for metric in shares)


def test_rows_say_how_long_it_took_to_tell_and_each_alert_once(connection: Connection) -> None:
    put(connection, outage(60, 1380))
    tomorrow = Window(TODAY.end, TODAY.end + DAY)
    store_window(connection, "shop", tomorrow, [FINE] * 1440)
    for window in (TODAY, tomorrow, TODAY):
        by = Provenance("daily", "r", "t", 0, 1, window.end, 0)
        save(connection, slo, "shop", window, asked(connection, window), by)
    told = connection.execute(
        "select kind, came_at - first_bad_at, ended_at - came_at from upkeep.burn_alert_whole order by kind"
    ).fetchall()
    # The ticket is over when the six hours after the last bad minute are.
    assert told == [
        ("page", timedelta(minutes=1), timedelta(minutes=89)),
        ("ticket", timedelta(minutes=5), timedelta(minutes=415)),
    ]
    spent = connection.execute("select objective, bad, allowed from upkeep.error_budget order by window_end").fetchall()
    assert spent == [("availability", 6000, 4320)] * 2
