"""savings: measures followed over whole months of a ledger, as it was known."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.lab import rules
from tests.ledger.world import FIRST, Books, Row, charge
from upkeep.answer import Answer
from upkeep.checks.costs.savings import savings
from upkeep.ledger.measure_taken import Measure
from upkeep.store.measures import add_measure, end_measure
from upkeep.window import Cadence, Window

DECEMBER, JANUARY, FEBRUARY = (date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1))
LEFT = {"ServiceName": "Storage", "PricingUnit": "GB"}


def days(costs: Mapping[int, str], until: date = DECEMBER, **more: Any) -> list[Row]:
    """A charge of one hour on every day from September, with the cost of its month (9 to 14) as long as that is given."""
    found = []
    for n in range((until - FIRST).days):
        day = FIRST + timedelta(days=n)
        cost = costs.get(day.month if day.year == FIRST.year else day.month + 12)
        found += [charge(day, cost, **more)] if cost else []
    return found


@pytest.fixture
def bills(ledger: Books) -> Books:
    """Books with one measure: something else costs 1.00 a day for ever, compute 2.00 an hour in September and October."""
    ledger.lab.run("truncate upkeep.measure")
    declare(ledger)
    return ledger


def declare(bills: Books, name: str = "smaller", on: date = date(2026, 11, 1), **more: Any) -> None:
    fields = {"service": "Compute", "currency": "EUR", "what": "w", "taken_by": "ann", **more}
    with bills.lab.endpoint.connect("declare") as connection:
        assert add_measure(connection, Measure(account="aws", name=name, taken_on=on, **fields))


def asked_on(bills: Books, day: date, about: date | None = None, **thresholds: Any) -> Answer:
    """The answer about the month before `about` (by default `day`), asked at six o'clock of a day."""
    now = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
    start = datetime.combine(about or day, datetime.min.time(), UTC)
    window = Window((start - timedelta(days=1)).replace(day=1), start)
    return bills.ask_about(savings, window, now, **thresholds)


def bring(bills: Books, rows: list[Row], on: date) -> None:
    bills.put("a.csv", [*rows, *days(dict.fromkeys(range(9, 15), "1"), rows_until(rows), **LEFT)])
    bills.bring((on - FIRST).days)


def rows_until(rows: list[Row]) -> date:
    return date.fromisoformat(max(row["ChargePeriodStart"] for row in rows)[:10]) + timedelta(days=1)


def stored(bills: Books, columns: str = "month::text, state, saved") -> list[tuple[Any, ...]]:
    """Rows of the newest window."""
    newest = "where window_end = (select max(window_end) from upkeep.saving)"
    return bills.rows(f"select {columns} from upkeep.saving {newest} order by measure, month")


@pytest.mark.baseline
def test_a_whole_month_is_told_to_the_cent(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "2.20", 11: "1.50"}), DECEMBER)
    answer = asked_on(bills, DECEMBER)
    # 30 hours at 2.10 (2.00 to 2.20) would be 63.00, and were 45.00.
    assert rules(answer) == []
    columns = "month::text, state, counterfactual, cost, saved, low, high, price, discount, shared, months_before, note"
    amounts = tuple(map(Decimal, ("63", "45", "18", "15", "21", "0", "0", "0")))
    assert stored(bills, columns) == [("2026-11-01", "measured", *amounts, 2, "")]
    assert answer.summary == "1 measure of aws: 18.00 EUR saved in November 2026"


@pytest.mark.near_miss
def test_a_month_without_its_last_day_follows(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "2", 11: "1.50"}, date(2026, 11, 30)), DECEMBER)
    answer = asked_on(bills, DECEMBER)
    assert rules(answer) == []
    assert stored(bills) == [("2026-11-01", "following", None)]
    assert answer.summary == "1 measure of aws: 1 follows until 2026-12-01 (29 of 30 days)"


def test_a_month_in_which_it_was_taken_says_from_when_it_is_told(bills: Books) -> None:
    bills.lab.run("truncate upkeep.measure")
    declare(bills, on=date(2026, 11, 12))
    bring(bills, days({9: "2", 10: "2", 11: "1.50"}), DECEMBER)
    assert asked_on(bills, DECEMBER).summary == "1 measure of aws: 1 follows until 2027-01-01 (0 of 31 days)"
    assert stored(bills) == [("2026-12-01", "following", None)]


@pytest.mark.fault
def test_a_measure_that_surely_costs_more_is_found(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "2.20", 11: "2.50"}), DECEMBER)
    answer = asked_on(bills, DECEMBER)
    assert rules(answer) == [("saving_negative", "smaller")]
    assert "it saved -12.00 EUR (-15.00 to -9.00) in November 2026" in answer.findings[0].title
    assert "1 of them cost more than before" in answer.summary


@pytest.mark.near_miss
def test_one_that_may_have_cost_more_is_shown_and_no_finding(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "2.20", 11: "2.15"}), DECEMBER)
    assert rules(asked_on(bills, DECEMBER)) == []
    assert stored(bills, "saved") == [(Decimal("-1.5"),)]


@pytest.mark.fault
def test_a_measure_that_came_undone_is_found_until_it_is_ended(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "2", 11: "1", 12: "1.90"}, JANUARY), JANUARY)
    answer = asked_on(bills, JANUARY)
    assert rules(answer) == [("measure_undone", "smaller")]
    assert "it saved 30.00 EUR in November 2026, only 3.10 EUR in December 2026" in answer.findings[0].title
    with bills.lab.endpoint.connect("end") as connection:
        end_measure(connection, "aws", "smaller", date(2026, 12, 1), "undone")
    assert rules(asked_on(bills, JANUARY)) == []
    assert stored(bills, "month::text") == [("2026-11-01",)]


@pytest.mark.near_miss
def test_one_that_saves_less_than_it_did_is_not_undone(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "2", 11: "1", 12: "1.70"}, JANUARY), JANUARY)
    assert rules(asked_on(bills, JANUARY)) == []


def test_what_was_known_then_stays_whenever_it_is_asked(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "2", 11: "1.50"}), DECEMBER)
    first = asked_on(bills, DECEMBER)
    rows = stored(bills, "*")
    bring(bills, days({9: "2", 10: "2", 11: "1.80"}), date(2026, 12, 20))
    again = asked_on(bills, date(2027, 3, 1), about=DECEMBER)
    assert again.summary == first.summary
    assert stored(bills, "*") == rows


def test_a_month_that_is_restated_is_measured_anew_and_says_why(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "2", 11: "1.50"}), DECEMBER)
    asked_on(bills, DECEMBER)
    bring(bills, days({9: "2", 10: "2", 11: "1.80"}), date(2026, 12, 20))
    bring(bills, days({9: "2", 10: "2", 11: "1.80", 12: "1.50"}, JANUARY), JANUARY)
    answer = asked_on(bills, JANUARY)
    found = stored(bills, "month::text, saved, saved_before, note")
    assert found[0][:3] == ("2026-11-01", Decimal(6), Decimal(15))
    assert found[0][3].startswith(
        "restated from 15.00 EUR to 6.00 EUR: November 2026 changed by +9.00 EUR on 2026-12-20: Compute"
    )
    assert found[1] == ("2026-12-01", Decimal("15.5"), None, "")
    assert "1 month restated since the last time" in answer.summary


def test_a_backfill_of_a_ledger_that_came_at_once_tells_every_month(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "2", 11: "1.50", 12: "1.40"}, JANUARY), FEBRUARY)
    answer = asked_on(bills, FEBRUARY, about=JANUARY)
    assert stored(bills) == [("2026-11-01", "measured", 15), ("2026-12-01", "measured", Decimal("18.6"))]
    assert "restated" not in answer.summary


def test_two_measures_about_one_cost_are_not_both_credited(bills: Books) -> None:
    declare(bills, "also", expected_saving=Decimal(10))
    bring(bills, days({9: "2", 10: "2", 11: "1"}), DECEMBER)
    asked_on(bills, DECEMBER)
    assert stored(bills, "measure, saved, shared") == [("also", 15, 15), ("smaller", 15, 15)]


def test_measures_of_two_currencies_are_never_added(bills: Books) -> None:
    declare(bills, "dollars", currency="USD")
    dollars = days({9: "4", 10: "4", 11: "3"}, BillingCurrency="USD")
    bring(bills, [*days({9: "2", 10: "2", 11: "1"}), *dollars], DECEMBER)
    assert "30.00 EUR, 30.00 USD saved in November 2026" in asked_on(bills, DECEMBER).summary


def test_taxes_and_credits_are_no_part_of_it(bills: Books) -> None:
    more = [charge(date(2026, 11, 3), "100", ChargeCategory="Tax"), charge(date(2026, 11, 4), "-70", ChargeCategory="Credit")]
    bring(bills, [*days({9: "2", 10: "2", 11: "1.50"}), *more], DECEMBER)
    asked_on(bills, DECEMBER)
    assert stored(bills, "cost, saved") == [(45, 15)]


PLAN: dict[str, Any] = {"CommitmentDiscountId": "sp-1", "CommitmentDiscountStatus": "Used"}


@pytest.mark.parametrize(("contracted", "saved", "discount"), [("2", 0, 15), ("1.50", 15, 0)])
def test_a_commitment_of_later_is_no_saving_where_contracted_cost_is_told(
    bills: Books, contracted: str, saved: int, discount: int
) -> None:
    covered = days({11: "1.50"}, **PLAN, ContractedCost=contracted, ListCost="2")
    bring(bills, [*days({9: "2", 10: "2"}), *covered], DECEMBER)
    asked_on(bills, DECEMBER)
    assert stored(bills, "saved, discount") == [(saved, discount)]
    assert (stored(bills, "note")[0][0] == "") is (contracted == "2")


def test_no_measures_are_fine(ledger: Books) -> None:
    ledger.lab.run("truncate upkeep.measure")
    assert asked_on(ledger, DECEMBER).status == "ok"


def test_a_ledger_without_costs_is_unknown(bills: Books) -> None:
    assert asked_on(bills, DECEMBER).status == "unknown"


def test_a_measure_of_later_is_no_part_of_a_past_window(bills: Books) -> None:
    declare(bills, "later", on=date(2026, 12, 1))
    bring(bills, days({9: "2", 10: "2", 11: "1.50"}), DECEMBER)
    asked_on(bills, DECEMBER)
    assert stored(bills, "measure") == [("smaller",)]


def test_a_window_of_another_zone_is_about_the_same_month(bills: Books) -> None:
    bring(bills, days({9: "2", 10: "2", 11: "1.50"}), DECEMBER)
    for hours in (-1, 5):
        shift = timedelta(hours=hours)
        window = Window(datetime(2026, 11, 1, tzinfo=UTC) + shift, datetime(2026, 12, 1, tzinfo=UTC) + shift)
        bills.ask_about(savings, window, datetime(2026, 12, 1, 7, tzinfo=UTC))
        assert stored(bills) == [("2026-11-01", "measured", 15)]


def test_it_is_monthly_and_dated() -> None:
    assert (savings.cadence, savings.dated) == (Cadence.MONTHLY, True)
