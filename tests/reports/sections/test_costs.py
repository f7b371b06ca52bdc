"""What reports and Slack say of costs: daily only what is wrong and accepted by nobody; weekly and monthly what bills came to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.ledger.world import FIRST, Books, books_of, charge, emptied
from upkeep.notify.links import Links
from upkeep.notify.summary import summary
from upkeep.reports.run import build, publish
from upkeep.reports.section import Section, sections_of
from upkeep.sources.rows import Rows
from upkeep.sources.scratch import ScratchServer
from upkeep.window import Cadence, Window

HOSTILE = "<!channel> <@U0EVIL> *b* `c` & 'every' \"quote\" <https://evil.test|click>"
LINKS = Links("http://airflow.test", "daily", "scheduled__x")
DAY = Window(datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
WEEK = Window(datetime(2026, 9, 21, tzinfo=UTC), datetime(2026, 9, 28, tzinfo=UTC))
MONTH = Window(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
_ANSWER = """
    insert into upkeep.answer (
        duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds, dag_id, run_id, task_id,
        map_index, try_number
    )
    values (%s, %s, %s, %s, 'daily', 'breach', 'x', '{}', '2026-11-20Z', 1, 'daily', 'r', 'x', 0, 1)
    on conflict do nothing
"""
_ANOMALY = """
    insert into upkeep.spend_anomaly (
        duty, target, window_start, window_end, sub_account, level, part, currency, kind, since, days, newest, low, high, came,
        expected, excess
    )
    values ('spend_anomalies', %s, %s, %s, 'prod', %s, %s, %s, 'rise', '2026-11-17', 3, 1, 1, 1, 1, 1, %s)
"""
_BUDGET = """
    insert into upkeep.budget_forecast (
        duty, target, window_start, window_end, budget, month, currency, amount, spent, last_day, days_left, low, middle, high
    )
    values ('budgets', %s, %s, %s, %s, '2026-11-01', 'EUR', 100, %s, '2026-11-17', 13, %s, %s, %s)
"""
_FINDING = """
    insert into upkeep.finding
    values (
        'bill_quality', %s, %s, %s, 'f1f1f1f1f1f1f1f1', 'bill_late', 'newest day', 'high', 'late', 'see', 6, null, '', '{}', null,
        %s
    )
"""


@pytest.fixture(scope="module")
def books(server: ScratchServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """Seventy days from September on: computing that is dearer in the second half, storage as ever, a few francs."""
    with books_of(server, "costs_told") as lab:
        made = emptied(lab, tmp_path_factory.mktemp("bill"))
        days = [FIRST + timedelta(days=n) for n in range(70)]
        compute = [charge(day, "100" if n < 20 else "150") for n, day in enumerate(days)]
        storage = [charge(day, "20", ServiceName="Storage") for day in days]
        made.put("a.csv", [*compute, *storage, charge(days[25], "3", BillingCurrency="CHF")])
        made.bring(70)
        columns = "name, kind, owner, red_at, tags, active"
        lab.run(f"insert into upkeep.target ({columns}) values ('aws', 'accounts', 'ann', 'high', '{{}}', true)")
        yield made


@pytest.fixture
def clean(books: Books) -> Books:
    """The same without answers about anything."""
    books.lab.run("truncate upkeep.answer, upkeep.waiver cascade")
    return books


def told(books: Books, cadence: Cadence, window: Window) -> dict[str, Section]:
    with books.lab.endpoint.connect("told") as connection:
        found = sections_of(Rows(connection), cadence, window)
    return {name: section for name, section in found.items() if name.startswith("costs")}


def wrong(books: Books, target: str = "aws", part: str = "Compute") -> None:
    """Two anomalies, a spent budget, one that will be, one that is fine, and a bill that stopped."""
    span = (DAY.start, DAY.end)
    with books.lab.endpoint.connect("put") as connection:
        for duty in ("spend_anomalies", "budgets", "bill_quality"):
            connection.execute(_ANSWER, [duty, target, *span])
        connection.execute(_ANOMALY, [target, *span, "service", part, "EUR", 456])
        connection.execute(_ANOMALY, [target, *span, "account", "", "EUR", -56])
        for name, spent, middle in (("all", 120, 130), ("shop", 60, 140), ("fine", 10, 90)):
            connection.execute(_BUDGET, [target, *span, name, spent, middle - 5, middle, middle + 5])
        connection.execute(_FINDING, [target, *span, DAY.end])


def test_nothing_is_said_on_a_day_when_all_is_usual(clean: Books) -> None:
    assert told(clean, Cadence.DAILY, DAY) == {}


def test_a_day_says_the_money_the_budgets_and_the_bill_that_stopped(clean: Books) -> None:
    wrong(clean)
    section = told(clean, Cadence.DAILY, DAY)["costs_now"]
    assert section.text == (
        "aws: 2 anomalies, +400.00 EUR so far (Compute +456.00 since 2026-11-17, account prod -56.00 since 2026-11-17); "
        "1 budget spent (all 120.00 EUR of 100.00); 1 budget will be spent (shop 140.00 EUR of 100.00); "
        "the bill stopped: its newest day is 6 days old"
    )
    assert sorted(row[1] for row in section.rows) == [
        "anomaly",
        "anomaly",
        "bill stopped",
        "budget spent",
        "budget will be spent",
    ]
    assert told(clean, Cadence.DAILY, Window(DAY.end, DAY.end + timedelta(days=1))) == {}, "another day has its own"


@pytest.mark.parametrize(
    ("duty", "rule", "object_", "gone"),
    [
        ("spend_anomalies", "spend_rise", "prod Compute (EUR)", "Compute"),
        ("spend_anomalies", "spend_rise", "prod (EUR)", "account prod"),
        ("budgets", "budget_spent", "all", "all 120"),
        ("bill_quality", "bill_late", "newest day", "stopped"),
    ],
)
def test_what_was_accepted_is_not_said(clean: Books, duty: str, rule: str, object_: str, gone: str) -> None:
    wrong(clean)
    assert gone in told(clean, Cadence.DAILY, DAY)["costs_now"].text
    columns = "id, duty, target, rule, object, reason, issue, approver, starts_on, expires_on, active"
    clean.lab.run(
        f"insert into upkeep.waiver ({columns}) values ('w', '{duty}', 'aws', '{rule}', '{object_}', 'r', 'i', 'ann',"
        " '2026-11-01', '2026-12-01', true)"
    )
    assert gone not in told(clean, Cadence.DAILY, DAY)["costs_now"].text


def test_two_currencies_are_two_sums(clean: Books) -> None:
    wrong(clean)
    with clean.lab.endpoint.connect("put") as connection:
        connection.execute(_ANOMALY, ["aws", DAY.start, DAY.end, "service", "Mail", "CHF", 70])
    text = told(clean, Cadence.DAILY, DAY)["costs_now"].text
    assert "1 anomaly, +70.00 CHF so far" in text
    assert "2 anomalies, +400.00 EUR so far" in text


def test_a_week_beside_the_one_before_with_what_moved_it(clean: Books) -> None:
    section = told(clean, Cadence.WEEKLY, WEEK)["costs_digest"]
    francs, euros = section.text.split(". ")
    assert euros.startswith("aws 1,190.00 EUR, +350.00 (+41.7 %) against the week before ")
    assert euros.endswith("; most: Compute +350.00")
    assert francs.startswith("aws 3.00 CHF; nothing is known of the week before")
    assert ("aws (EUR)", "all", "840.00", "1,190.00", "+350.00") in section.rows
    assert not [row for row in section.rows if row[1] == "Storage"], "what did not move is not told"


def test_a_month_is_a_month_of_the_calendar(clean: Books) -> None:
    section = told(clean, Cadence.MONTHLY, MONTH)["costs_digest"]
    september = Decimal(20 * 100 + 10 * 150 + 30 * 20)
    francs, euros = section.text.split(". ")
    assert francs.startswith("aws 0.00 CHF, -3.00 (-100.0 %) against the month before █▁")
    assert euros.startswith(f"aws 5,270.00 EUR, +{5270 - september:,.2f} (+28.5 %) against the month before ▁█")
    assert section.title == "Costs of the month"


def test_it_is_told_as_it_was_known_then(clean: Books) -> None:
    before = told(clean, Cadence.WEEKLY, WEEK)
    clean.put("b.csv", [charge(22, "5000", ServiceName="Storage", ChargeClass="Correction")])
    clean.bring(90)
    assert told(clean, Cadence.WEEKLY, WEEK) == before


def test_a_bill_that_nobody_has_is_silent(clean: Books) -> None:
    year_before = Window(WEEK.start - timedelta(days=364), WEEK.end - timedelta(days=364))
    assert told(clean, Cadence.WEEKLY, year_before) == {}


def test_slack_says_it_with_a_link_and_within_its_limits(clean: Books) -> None:
    for number in range(60):
        wrong(clean, f"bill {number:02} {HOSTILE}", HOSTILE)
    with clean.lab.endpoint.connect("report") as connection:
        report = build(connection, Cadence.DAILY, DAY, None)
        body = summary(report, LINKS)
        publish(connection, report)
    costs = [block for block in body["blocks"] if block.get("text", {}).get("text", "").startswith("*Costs*")]
    assert len(costs) == 1
    text = costs[0]["text"]["text"]
    assert text.endswith("<http://airflow.test/upkeep/costs|more>")
    assert len(text) <= 3000
    assert len(body["blocks"]) <= 50
    assert "<!channel>" not in json.dumps(body)
    assert "<https://evil" not in json.dumps(body)


def test_a_bill_is_drawn_by_service_and_period(clean: Books) -> None:
    section = told(clean, Cadence.WEEKLY, WEEK)["costs_digest"]
    drawn = {chart.unit: chart for chart in section.charts}
    chart = drawn["EUR a week"]
    assert (chart.title, chart.kind, chart.labels[-1]) == ("Costs of aws by service", "stacked", "21 Sep")
    assert [series.name for series in chart.series][1:] == ["Storage"]
    assert chart.series[1].values[-1] == 140.0
    month = told(clean, Cadence.MONTHLY, MONTH)["costs_digest"].charts
    assert {each.labels[-1] for each in month if each.unit == "EUR a month"} == {"Oct 26"}
