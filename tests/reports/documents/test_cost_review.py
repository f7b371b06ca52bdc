"""The month's review of costs: whole months only, everything apart that is of another currency, negative savings shown."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab
from tests.ledger.world import FIRST, Books, Row, books_of, charge, emptied
from upkeep.checks.costs.budgets import budgets
from upkeep.checks.costs.savings import savings
from upkeep.checks.costs.spend import spend
from upkeep.ledger.measure_taken import Measure
from upkeep.reports.documents.cost_review import cost_review
from upkeep.reports.report import Report, publish_reports
from upkeep.reports.section import Section
from upkeep.reports.sections.costs import costs
from upkeep.sources.rows import Rows
from upkeep.sources.scratch import ScratchServer
from upkeep.store.measures import add_measure
from upkeep.window import Cadence, Window

NOVEMBER = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
LAST = date(2026, 11, 30)


@pytest.fixture(scope="module")
def costs_database(server: ScratchServer) -> Iterator[Lab]:
    with books_of(server, "cost_review") as made:
        made.run("insert into upkeep.target values ('aws', 'accounts', 'ann', 'U1', 'high', '{}', null, true)")
        made.run("insert into upkeep.duty values ('offer', 'costs', 'review', 'monthly', 'costs', 't', false, 'accounts', true)")
        yield made


@pytest.fixture
def bills(costs_database: Lab, tmp_path: Path) -> Books:
    """Books without costs, measures, rates or decisions."""
    costs_database.run("truncate upkeep.measure, upkeep.currency_rate, upkeep.decision cascade")
    return emptied(costs_database, tmp_path)


def days(costs: dict[int, str], until: date = LAST, **more: Any) -> list[Row]:
    """An hour of compute on every day, at the cost of its month."""
    every = [FIRST + timedelta(days=n) for n in range((until - FIRST).days + 1)]
    return [charge(day, costs[day.month], **more) for day in every if day.month in costs]


def bring(bills: Books, rows: list[Row], after: int = 91) -> None:
    bills.put("a.csv", rows)
    bills.bring(after)


def made(bills: Books, window: Window = NOVEMBER) -> Report | None:
    with bills.lab.endpoint.connect("report") as connection:
        return cost_review.make(Rows(connection), window)


def part(bills: Books, title: str) -> Section:
    found = made(bills)
    assert found
    return next(each for each in found.sections if each.title == title)


def test_without_costs_there_is_no_review(bills: Books) -> None:
    assert made(bills) is None
    with bills.lab.endpoint.connect("report") as connection:
        assert costs.make(Rows(connection), NOVEMBER) is None


def test_the_newest_whole_month_beside_the_one_before(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "3", 11: "4"}))
    found = made(bills)
    assert found
    assert found.title == "Costs, 2026-11"
    assert found.headline == "120.00 EUR in November 2026, +29.0 % on the month before ▁▅█"
    assert part(bills, "Trend").rows == (("aws", "EUR", "▁▅█", "2026-11", "120.00 EUR", "93.00 EUR", "+29.0 %", ""),)


def test_a_month_that_is_not_whole_is_never_set_beside_a_whole_one(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "3", 11: "4"}, LAST - timedelta(days=1)))
    found = made(bills)
    assert found
    assert found.headline.startswith("93.00 EUR in October 2026, +55.0 % on the month before")
    assert found.headline.endswith("; of November 2026 29 of 30 days of aws are known")
    assert part(bills, "Trend").rows[0][3:5] == ("2026-10", "93.00 EUR")
    assert part(bills, "Drivers").text.startswith("October 2026 beside as many days of September 2026")


def test_one_month_alone_has_no_drivers(bills: Books) -> None:
    bring(bills, days({11: "4"}))
    found = made(bills)
    assert found
    assert [each.title for each in found.sections][:2] == ["Trend", "Anomalies"]


def test_price_usage_and_what_is_new_add_up(bills: Books) -> None:
    more = days({11: "1"}, ServiceName="Storage")
    bring(bills, [*days({10: "3"}), *days({11: "4"}, PricingQuantity="2"), *more])
    drivers = part(bills, "Drivers")
    # 30 days of October at 3.00 are 90.00; twice the hours would be 180.00, and were 120.00.
    assert drivers.text.endswith("aws +60.00 EUR (price -60.00, usage +90.00, mix +0.00, other +30.00)")
    assert drivers.rows == (
        ("aws", "Compute", "30.00 EUR", "-60.00 EUR", "90.00 EUR", "0.00 EUR", "0.00 EUR"),
        ("aws", "Storage", "30.00 EUR", "0.00 EUR", "0.00 EUR", "0.00 EUR", "30.00 EUR"),
    )


def test_two_currencies_stay_apart_without_a_rate_and_the_rate_is_said_with_one(bills: Books) -> None:
    bring(bills, [*days({10: "3", 11: "4"}), *days({10: "10", 11: "10"}, BillingCurrency="USD")])
    found = made(bills)
    assert found
    assert found.headline.startswith("120.00 EUR and 300.00 USD, apart: the inventory has no currency_rates up to 2026-11-30 in")
    bills.lab.run("insert into upkeep.currency_rate values ('2026-11-27', 'USD', 'EUR', 0.9, 'ECB')")
    found = made(bills)
    assert found
    assert found.headline.startswith("390.00 EUR in all: 120.00 EUR and 300.00 USD at 0.9000 of 2026-11-27, ECB in November")
    assert "+29.0 % on the month before in EUR, " not in found.headline.split("in November")[0]
    assert bills.value("select count(*) from upkeep.spend where currency = 'USD'") == 61


def test_negative_savings_are_shown_first(bills: Books) -> None:
    with bills.lab.endpoint.connect("declare") as connection:
        for name, service in (("better", "Storage"), ("worse", "Compute")):
            add_measure(connection, Measure(
                account="aws", name=name, what="w", taken_on=date(2026, 11, 1), taken_by="ann", currency="EUR", service=service,
            ))  # fmt: skip
    storage: dict[str, Any] = {"ServiceName": "Storage", "PricingUnit": "GB"}
    bring(bills, [*days({9: "2", 10: "2", 11: "3"}), *days({9: "4", 10: "4", 11: "1"}, **storage)])
    bills.ask_about(savings, NOVEMBER, NOVEMBER.end)
    found = part(bills, "Measures and savings")
    assert found.text == "2 measures, 60.00 EUR really saved in whole months, 1 of them cost more than before"
    assert [row[1] for row in found.rows] == ["worse", "better"]
    assert found.rows[0][4:9] == ("2026-11", "-30.00 EUR", "-30.00 to -30.00", "-30.00 EUR", "1")
    with bills.lab.endpoint.connect("report") as connection:
        said = costs.make(Rows(connection), NOVEMBER)
    assert said
    assert "; 2 measures, 60.00 EUR really saved" in said.text


def test_restatements_since_the_last_review_are_named(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "3"}), 61)
    bring(bills, days({9: "2.50", 10: "3", 11: "4"}))
    found = part(bills, "Restatements")
    assert found.text == "September 2026 changed by +15.00 EUR"
    assert found.rows == (("aws", "2026-09", "production", "Compute", "15.00 EUR", "2026-12-01", "changed"),)
    december = Window(NOVEMBER.end, datetime(2027, 1, 1, tzinfo=UTC))
    found_later = made(bills, december)
    assert found_later
    assert next(x for x in found_later.sections if x.title == "Restatements").text == "0 closed months changed"


def test_budgets_tags_and_decisions_have_their_parts(bills: Books) -> None:
    account = {"budgets": [{"name": "all", "amount": "100"}]}
    bring(bills, days({9: "2", 10: "3", 11: "40"}, Tags="{}"))
    day = Window(datetime(2026, 11, 30, tzinfo=UTC), NOVEMBER.end)
    for duty in (budgets, spend):
        bills.ask_about(duty, day, NOVEMBER.end, account=account)
    bills.lab.run("""
        insert into upkeep.decision (key, kind, duty, target, window_start, window_end, run, question, digest, subject, needed,
            due_days, status, opened_at, due_at)
        values ('k', 'review', 'offer', 'aws', '2026-11-01', '2026-12-01', '', '{}', 'd', 'Which ones?', 1, 7, 'open',
            '2026-12-01', '2026-12-08')
    """)
    assert part(bills, "Forecast of the month").text == "November 2026: 1 of 1 budget is spent or will be"
    assert part(bills, "Unallocated").text.startswith("at most 100 % of an account has no value")
    decisions = part(bills, "Decisions to take")
    assert (decisions.text, decisions.rows) == (
        "1 decision to take: page Decisions", (("aws", "Which ones?", "open", "2026-12-08", "0"),),
    )  # fmt: skip


def put_opportunity(bills: Books, resource: str, money: str, currency: str = "EUR", protected: str | None = None) -> None:
    bills.lab.run(f"""
        insert into upkeep.answer (duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds,
            dag_id, run_id, task_id, map_index, try_number)
        values ('opportunities', 'aws', '2026-11-23', '2026-11-30', 'weekly', 'breach', 's', '{{}}', '2026-11-30', 1,
            'weekly', 'r', 't', 0, 1) on conflict do nothing;
        insert into upkeep.opportunity
        values ('opportunities', 'aws', '2026-11-23', '2026-11-30', 'idle', 'eu', '{resource}', 'production', null,
            {money}, {money}, {money}, '{currency}', 'ledger', 'high', 'low', 'stop it', 'aws describe', '{{}}',
            {f"'{protected}'" if protected else "null"})
    """)


def test_opportunities_come_by_money_and_what_is_protected_is_none(bills: Books) -> None:
    bring(bills, days({10: "3", 11: "4"}))
    assert part(bills, "Opportunities").text == "0 opportunities"
    put_opportunity(bills, "small", "5")
    put_opportunity(bills, "large", "50")
    put_opportunity(bills, "kept", "500", protected="keep=true")
    found = part(bills, "Opportunities")
    assert found.text == "2 opportunities: 55.00 EUR a month"
    assert [row[2] for row in found.rows] == ["large", "small"]


def test_the_same_whenever_it_is_asked(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "3", 11: "4"}))
    before = made(bills)
    bring(bills, days({9: "2", 10: "3", 11: "9"}), 120)
    assert made(bills) == before


def test_it_is_kept_as_a_document_that_reads(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "3", 11: "4"}, ServiceName="a|b `c`\n# d"))
    with bills.lab.endpoint.connect("report") as connection:
        publish_reports(connection, Cadence.MONTHLY, NOVEMBER)
    text = bills.value("select markdown from upkeep.report where name = 'cost_review'")
    assert text.startswith("# Costs, 2026-11\n")
    assert "## Drivers" in text
    assert "a\\|b \\`c\\` # d" in text
