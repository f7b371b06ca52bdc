"""Totals in one currency: the rate and its day are said, and a rate that is missing is no rate."""

from datetime import date
from decimal import Decimal

import pytest

from tests.lab import Lab
from upkeep.reports.one_currency import Rate, rates_until, total
from upkeep.sources.rows import Rows
from upkeep.store.migrate import migrate

LAST = date(2026, 10, 31)
AMOUNTS = {"EUR": Decimal("12000.00"), "USD": Decimal("1282.00")}


def rate(day: date = LAST, name: str = "EUR", worth: str = "1.0850") -> Rate:
    return Rate(day, name, "USD", Decimal(worth), "ECB")


def test_one_currency_needs_no_rate() -> None:
    assert total({"EUR": Decimal(5)}, [], LAST) == "5.00 EUR"
    assert total({}, [], LAST) == "nothing"


def test_a_total_says_each_rate_with_its_day_and_source() -> None:
    said = total(AMOUNTS, [rate()], LAST)
    assert said == "14,302.00 USD in all: 12,000.00 EUR at 1.0850 of 2026-10-31, ECB and 1,282.00 USD"
    assert rate(worth="1.1").text == "at 1.1000 of 2026-10-31, ECB"
    assert rate(worth="0.0067123").text == "at 0.0067123 of 2026-10-31, ECB"


def test_a_currency_that_is_not_the_target_is_converted_to_the_cent() -> None:
    said = total({"EUR": Decimal("0.05"), "GBP": Decimal("1.01")}, [rate(), rate(name="GBP", worth="1.3")], LAST)
    assert said.startswith("1.36 USD in all: ")  # 0.05425 and 1.313, each to the cent


@pytest.mark.parametrize(("day", "usable"), [(date(2026, 10, 25), True), (date(2026, 10, 24), False)])
def test_a_rate_counts_for_a_week(day: date, *, usable: bool) -> None:
    said = total(AMOUNTS, [rate(day)], LAST)
    assert (" in all" in said) is usable
    assert usable or said.endswith(
        "no rate of EUR to USD is declared for the week up to 2026-10-31 (the newest is of 2026-10-24)"
    )


def test_without_rates_currencies_stay_apart() -> None:
    assert total(AMOUNTS, [], LAST) == (
        "12,000.00 EUR and 1,282.00 USD, apart: the inventory has no currency_rates up to 2026-10-31"
    )


def test_one_rate_that_is_missing_keeps_all_apart() -> None:
    said = total({**AMOUNTS, "GBP": Decimal(1)}, [rate()], LAST)
    assert said == (
        "12,000.00 EUR and 1.00 GBP and 1,282.00 USD, apart: no rate of GBP to USD is declared for the week up to 2026-10-31 "
        "(there is none)"
    )


def test_credits_may_make_it_negative() -> None:
    assert total({"EUR": Decimal(-2), "USD": Decimal(1)}, [rate()], LAST).startswith("-1.17 USD in all")


def test_the_newest_rate_up_to_a_day_is_read(lab: Lab) -> None:
    migrate(lab.endpoint)
    rows = [
        ("2026-10-29", "EUR", "1.08"),
        ("2026-10-30", "EUR", "1.09"),
        ("2026-11-01", "EUR", "2"),
        ("2026-10-01", "GBP", "1.3"),
    ]
    for day, name, worth in rows:
        lab.run(f"insert into upkeep.currency_rate values ('{day}', '{name}', 'USD', {worth}, 'ECB')")
    found = rates_until(Rows(lab.session()), LAST)
    assert [(each.from_currency, each.rate, each.day) for each in found] == [
        ("EUR", Decimal("1.09"), date(2026, 10, 30)),
        ("GBP", Decimal("1.3"), date(2026, 10, 1)),
    ]
