"""spend_anomalies: what a bill's own past does not explain."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from tests.checks.costs.bills import DAY, FIRST, Line, noise, put, stepped, weekly, window_of
from tests.lab import Lab, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.costs.spend_anomalies import SpendAnomaly, spend_anomalies
from upkeep.sources.rows import Rows
from upkeep.store.migrate import migrate
from upkeep.targets.account import Account

if TYPE_CHECKING:
    import psycopg

Connection: TypeAlias = "psycopg.Connection[Any]"
N = 100
USD = "production compute (USD)"


@pytest.fixture
def connection(lab: Lab) -> Connection:
    """An empty report database."""
    migrate(lab.endpoint)
    return lab.session()


def asked(connection: Connection, lines: Sequence[Line] = (), day: int = N - 1, **thresholds: float) -> Answer:
    """The answer about a day, of a bill with these lines."""
    put(connection, lines)
    account = Account(name="lab", owner="finops", provider="aws", place="file:///bills")
    found: Answer = spend_anomalies.ask(account, Rows(connection), window_of(day), **thresholds)
    return found


def records(answer: Answer) -> list[SpendAnomaly]:
    return [one for one in answer.records if isinstance(one, SpendAnomaly)]


@pytest.mark.baseline
def test_a_bill_as_always_is_fine(connection: Connection) -> None:
    answer = asked(connection, [Line(noise(N, weekly)), Line(noise(N, seed="s"), service="storage", tags={"team": "web"})])
    assert answer.status is Status.OK
    assert answer.summary == f"no anomaly among 4 accounts, services and tags until {FIRST + (N - 1) * DAY}"


@pytest.mark.near_miss
def test_what_is_little_money_or_a_small_share_is_none(connection: Connection) -> None:
    assert rules(asked(connection, [Line([*noise(N - 1), 145.0])])) == []
    assert rules(asked(connection, [Line([*noise(N - 1, lambda _: 10_000, 0.005), 11_500.0], account="other")])) == []


@pytest.mark.fault
def test_a_step_is_found_with_its_money(connection: Connection) -> None:
    answer = asked(connection, [Line(stepped(N, N - 3, 2.5))])
    assert rules(answer) == [("spend_rise", USD)]
    finding, (record,) = answer.findings[0], records(answer)
    assert finding.severity is Severity.MEDIUM
    assert record.since == FIRST + (N - 3) * DAY
    assert (record.days, record.kind, record.level) == (3, "rise", "service")
    assert record.excess == record.came - record.expected
    assert 400 < record.excess < 500
    assert record.low < 100 < record.high < record.newest
    assert f"{record.excess:+,.2f} so far since {record.since}" in finding.title
    assert "by chance once in 1,000,000 such days" in finding.title


@pytest.mark.fault
def test_an_offsetting_pair_is_two(connection: Connection) -> None:
    lines = [Line(stepped(N, N - 4, 1.8)), Line(stepped(N, N - 4, 0.2, seed="s"), service="storage")]
    assert sorted(rules(asked(connection, lines))) == [("spend_fall", "production storage (USD)"), ("spend_rise", USD)]


def test_a_pair_of_tags_that_offset_each_other_is_two(connection: Connection) -> None:
    lines = [
        Line(stepped(N, N - 4, 1.8), tags={"team": "web"}),
        Line(stepped(N, N - 4, 0.2, seed="s"), tags={"team": "data"}),
    ]
    names = sorted(name for _, name in rules(asked(connection, lines)))
    assert names == ["production tag team=data (USD)", "production tag team=web (USD)"]


def test_what_a_service_says_its_account_and_tag_do_not_say_again(connection: Connection) -> None:
    answer = asked(connection, [Line(stepped(N, N - 2, 3), tags={"team": "web"})])
    assert rules(answer) == [("spend_rise", USD)]


def test_a_new_service_is_told_at_once_and_as_unknown(connection: Connection) -> None:
    new = Line([None] * (N - 2) + [80.0, 82.0], service="assistant")
    answer = asked(connection, [Line(noise(N)), new])
    assert rules(answer) == [("spend_new", "production assistant (USD)")]
    assert "2 days; too few to say what is usual" in answer.findings[0].title


@pytest.mark.near_miss
def test_a_fall_of_the_newest_days_may_be_a_bill_that_is_not_whole(connection: Connection) -> None:
    assert rules(asked(connection, [Line([*noise(N - 2), 60.0, 20.0])])) == []


@pytest.mark.near_miss
def test_a_day_without_a_bill_is_not_a_day_without_cost(connection: Connection) -> None:
    costs: list[float | None] = [*noise(N)]
    costs[N - 5] = costs[N - 4] = costs[N - 3] = None
    assert rules(asked(connection, [Line(costs)])) == []


@pytest.mark.fault
def test_a_drift_is_found_that_no_day_shows(connection: Connection) -> None:
    answer = asked(connection, [Line(noise(N, lambda day: 100 * 1.008 ** max(0, day - 20)))])
    assert rules(answer) == [("spend_drift", USD)]
    assert "no single day a surprise" in answer.findings[0].title


def test_it_goes_on_under_one_name_until_the_level_is_learned(connection: Connection) -> None:
    put(connection, [Line(stepped(N, N - 15, 2.5))])
    by_day = [asked(connection, day=day) for day in range(N - 17, N)]
    spoken = [bool(answer.findings) for answer in by_day]
    assert spoken[:2] == [False, False]
    assert spoken[2:7] == [True] * 5
    assert not any(spoken[-3:])
    prints = {f.fingerprint("spend_anomalies", "lab") for answer in by_day for f in answer.findings}
    assert len(prints) == 1


def test_two_currencies_are_never_added(connection: Connection) -> None:
    lines = [Line(noise(N)), Line([*noise(N - 1, lambda _: 15_000, seed="yen"), 40_000.0], currency="JPY")]
    answer = asked(connection, lines)
    assert rules(answer) == [("spend_rise", "production compute (JPY)")]
    assert " JPY so far)" in answer.summary


def test_credits_hide_nothing(connection: Connection) -> None:
    put(connection, [Line([None] * (N - 2) + [-150.0, -150.0])], category="Credit")
    assert rules(asked(connection, [Line(stepped(N, N - 2, 2.5))])) == [("spend_rise", USD)]


def test_what_drove_it_adds_up_and_is_said(connection: Connection) -> None:
    costs = stepped(N, N - 3, 2)
    answer = asked(connection, [Line(costs, quantities=[cost / 2 for cost in costs])])
    (record,) = records(answer)
    assert record.difference == sum((record.price or 0, record.usage or 0, record.mix or 0, record.other or 0), Decimal(0))
    assert record.usage
    assert record.price is not None
    assert abs(record.price) < record.usage / 10
    assert "mostly use (+" in answer.findings[0].title


def test_a_short_past_is_unknown(connection: Connection) -> None:
    answer = asked(connection, [Line(noise(9))], day=8)
    assert answer.status is Status.UNKNOWN
    assert "9 days of spend are known" in answer.summary
    assert asked(connection, day=8 + 400).status is Status.UNKNOWN


def test_a_window_knows_nothing_of_what_came_later(connection: Connection) -> None:
    answer = asked(connection, [Line(stepped(N, N - 3, 2.5))], day=N - 4)
    assert answer.status is Status.OK


def test_names_and_tags_may_be_anything(connection: Connection) -> None:
    strange = 'it\'s "quoted" é 日本%s{}'
    answer = asked(connection, [Line(stepped(N, N - 2, 3), service=strange, tags={strange: strange}, account=strange)])
    assert rules(answer) == [("spend_rise", f"{strange} {strange} (USD)")]


def test_large_money_is_high(connection: Connection) -> None:
    answer = asked(connection, [Line(stepped(N, N - 2, 3, middle=lambda _: 2000))])
    assert answer.findings[0].severity is Severity.HIGH


def test_each_is_a_row_of_the_report_database(connection: Connection) -> None:
    """Column by column: the record fits its table."""
    columns = {row[0] for row in connection.execute(
        "select column_name from information_schema.columns where table_schema = 'upkeep' and table_name = 'spend_anomaly'"
    )}  # fmt: skip
    assert set(SpendAnomaly.columns()) | {"duty", "target", "window_start", "window_end"} == columns
    assert timedelta(days=1) == DAY
