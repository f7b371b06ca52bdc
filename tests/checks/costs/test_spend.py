"""spend: a day beside the week and the month before; tags; shared costs that add up."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.lab import rules
from tests.ledger.world import Books, charge
from upkeep.answer import Answer
from upkeep.checks.costs.spend import spend

# The window of the fortieth day ends with it; two days before its last one is judged.
DAY = 37
STEADY = [charge(day, "100") for day in range(DAY + 1)]


def tags(**values: str) -> str:
    """Tags as a provider writes them."""
    return json.dumps(values)


def asked(ledger: Books, rows: list[dict[str, Any]], account: dict[str, Any] | None = None, **thresholds: Any) -> Answer:
    """The answer about the day, with these rows imported."""
    ledger.put("a.csv", rows)
    ledger.bring(40, account=account)
    return ledger.ask(spend, 40, account=account, **thresholds)


@pytest.mark.baseline
def test_a_steady_day_is_fine(ledger: Books) -> None:
    answer = asked(ledger, STEADY)
    assert (answer.status, rules(answer)) == ("ok", [])
    assert answer.summary == "2026-10-08: 100.00 EUR (100.00 EUR with credits and taxes)"


def test_a_first_day_says_that_nothing_is_beside_it(ledger: Books) -> None:
    assert "no earlier day is known to compare it with" in asked(ledger, STEADY[-2:]).summary


def test_a_day_that_is_not_there_is_unknown(ledger: Books) -> None:
    answer = asked(ledger, STEADY[:-1])
    assert (answer.status, "the newest day is 2026-10-07" in answer.summary) == ("unknown", True)


@pytest.mark.fault
def test_a_rise_over_week_and_month_is_found_by_service_account_and_tag(ledger: Books) -> None:
    answer = asked(ledger, [*STEADY[:-1], charge(DAY, "170")])
    found = ["account_costs_more", "service_costs_more", "tag_costs_more"]
    assert [rule for rule, _ in rules(answer)] == found
    assert "170.00 EUR on 2026-10-08, after 100.00 EUR a week before and 100.00 EUR on the same day" in answer.findings[0].title
    assert answer.findings[0].value == pytest.approx(0.7)


@pytest.mark.near_miss
def test_a_rise_just_under_the_share_is_fine(ledger: Books) -> None:
    assert rules(asked(ledger, [*STEADY[:-1], charge(DAY, "149")])) == []


@pytest.mark.near_miss
def test_a_rise_of_a_tiny_amount_is_fine(ledger: Books) -> None:
    rows = [charge(day, "1") for day in range(DAY)]
    assert rules(asked(ledger, [*rows, charge(DAY, "9")])) == []


@pytest.mark.near_miss
@pytest.mark.parametrize("same", [DAY - 7, 7])
def test_what_comes_every_week_or_month_is_no_rise(ledger: Books, same: int) -> None:
    rows = [charge(day, "300" if day in {same, DAY} else "100") for day in range(DAY + 1)]
    assert rules(asked(ledger, rows)) == []


@pytest.mark.fault
def test_a_new_service_counts_from_nothing(ledger: Books) -> None:
    answer = asked(ledger, [*STEADY, charge(DAY, "49", ServiceName="New")])
    assert rules(answer) == [("service_costs_more", "New (EUR)")]
    assert answer.findings[0].value is None


@pytest.mark.near_miss
def test_credits_hide_no_usage_and_taxes_are_no_rise(ledger: Books) -> None:
    rows = [*STEADY, charge(DAY, "-100", ChargeCategory="Credit"), charge(DAY, "60", ChargeCategory="Tax")]
    answer = asked(ledger, rows)
    assert rules(answer) == []
    assert "100.00 EUR (60.00 EUR with credits and taxes)" in answer.summary


def test_currencies_are_told_apart(ledger: Books) -> None:
    rows = [*STEADY, *(charge(day, "10", BillingCurrency="USD") for day in range(DAY)), charge(DAY, "90", BillingCurrency="USD")]
    answer = asked(ledger, rows)
    assert {name for _, name in rules(answer)} == {"Compute (USD)", "production (USD)", "team=shop (USD)"}
    assert "100.00 EUR (100.00 EUR with credits and taxes), 90.00 USD" in answer.summary


def test_an_upfront_purchase_is_no_rise(ledger: Books) -> None:
    rows = [*STEADY, charge(DAY, "8760", EffectiveCost="0", ChargeCategory="Purchase")]
    assert rules(asked(ledger, rows)) == []


@pytest.mark.fault
def test_cost_without_a_tag_is_said_with_its_numbers(ledger: Books) -> None:
    rows = [*STEADY, *(charge(day, "50", Tags=None) for day in range(DAY + 1))]
    answer = asked(ledger, rows)
    assert rules(answer) == [("unallocated", "team (EUR)")]
    share = next(metric for metric in answer.metrics if metric.name == "unallocated")
    assert (share.numerator, share.denominator, share.n) == (50, 150, 2)
    assert share.value == pytest.approx(1 / 3)


@pytest.mark.near_miss
def test_a_little_without_a_tag_is_fine(ledger: Books) -> None:
    assert rules(asked(ledger, [*STEADY, *(charge(day, "40", Tags=None) for day in range(DAY + 1))])) == []


def test_shared_costs_are_split_and_add_up_to_the_day(ledger: Books) -> None:
    rows = [
        charge(DAY, "100.01", Tags=tags(team="shop")), charge(DAY, "50", Tags=tags(team="blog")), charge(DAY, "7", Tags=None),
        charge(DAY, "10", ServiceName="Support", Tags=None),
    ]  # fmt: skip
    account = {"shared": [{"service": "Support", "tag_key": "team"}]}
    asked(ledger, rows, account)
    shares = ledger.rows("select kind, tag_value, own_cost, shared_cost, total_cost from upkeep.spend_share order by 1, 2")
    assert sum(row[4] for row in shares) == Decimal("167.01")
    assert [row[:3] for row in shares] == [
        ("reconciling", "", 0), ("unallocated", "", 7), ("value", "blog", 50), ("value", "shop", Decimal("100.01")),
    ]  # fmt: skip
    assert shares[3][3] == Decimal("6.666888")


def test_declared_parts_are_split_by_them(ledger: Books) -> None:
    rows = [charge(DAY, "1", Tags=tags(team="shop")), charge(DAY, "12", ServiceName="Support", Tags=None)]
    asked(ledger, rows, {"shared": [{"service": "Support", "tag_key": "team", "parts": {"shop": 3, "blog": 1}}]})
    shares = ledger.rows("select tag_value, shared_cost from upkeep.spend_share where kind = 'value' order by 1")
    assert shares == [("blog", 3), ("shop", 9)]


def test_what_cannot_be_split_is_left_in_the_reconciling_row(ledger: Books) -> None:
    asked(ledger, [charge(DAY, "12", ServiceName="Support", Tags=None)], {"shared": [{"service": "Support", "tag_key": "team"}]})
    assert ledger.rows("select kind, total_cost from upkeep.spend_share") == [("reconciling", 12)]
