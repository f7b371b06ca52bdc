"""bill_quality: gaps, doubles, days that stopped coming, and rows against the specification."""

from typing import Any

import pytest

from tests.lab import rules
from tests.ledger.world import Books, charge
from upkeep.answer import Answer
from upkeep.checks.costs.bill_quality import bill_quality

SERVICES = ("Compute", "Storage", "Database", "Queue")
WHOLE = [charge(day, ServiceName=name) for day in range(40) for name in SERVICES]


def asked(ledger: Books, rows: list[dict[str, Any]], **thresholds: Any) -> Answer:
    """The answer of the forty-first day, when these had been imported."""
    ledger.put("a.csv", rows)
    ledger.bring(40)
    return ledger.ask(bill_quality, 40, **thresholds)


@pytest.mark.baseline
def test_a_whole_bill_is_fine(ledger: Books) -> None:
    answer = asked(ledger, WHOLE)
    assert rules(answer) == []
    assert "40 days from 2026-09-01 to 2026-10-10, 0 days missing" in answer.summary
    share = next(metric for metric in answer.metrics if metric.name == "days_billed")
    assert (share.value, share.numerator, share.denominator, share.n) == (1.0, 40, 40, 40)


def test_an_empty_ledger_is_unknown(ledger: Books) -> None:
    assert ledger.ask(bill_quality, 40).status == "unknown"


@pytest.mark.near_miss
def test_a_day_with_only_credits_is_a_day(ledger: Books) -> None:
    rows = [row for row in WHOLE if row not in WHOLE[40:44]]
    answer = asked(ledger, [*rows, charge(10, "-5", ChargeCategory="Credit", ServiceName=None)])
    assert rules(answer) == []
    assert next(m.value for m in answer.metrics if m.name == "days_with_only_credits") == 1


@pytest.mark.near_miss
@pytest.mark.parametrize("newest", [36, 39])
def test_a_bill_that_is_a_little_late_is_fine(ledger: Books, newest: int) -> None:
    assert rules(asked(ledger, WHOLE[: newest * 4])) == []


@pytest.mark.fault
def test_a_bill_that_stopped_coming(ledger: Books) -> None:
    assert rules(asked(ledger, WHOLE[: 34 * 4])) == [("bill_late", "newest day")]


@pytest.mark.fault
def test_missing_days_are_named(ledger: Books) -> None:
    answer = asked(ledger, [*WHOLE[:40], *WHOLE[48:]])
    assert rules(answer) == [("days_missing", "days")]
    assert "2026-09-11, 2026-09-12" in answer.findings[0].title


@pytest.mark.fault
def test_a_day_that_stands_twice(ledger: Books) -> None:
    answer = asked(ledger, [*WHOLE, *WHOLE[40:44]])
    assert rules(answer) == [("days_doubled", "days")]
    assert "2026-09-11" in answer.findings[0].title


@pytest.mark.near_miss
def test_twice_the_cost_of_the_same_charges_is_no_double(ledger: Books) -> None:
    dear = [charge(10, "3.00", ServiceName=name) for name in SERVICES]
    assert rules(asked(ledger, [*WHOLE[:40], *dear, *WHOLE[44:]])) == []


@pytest.mark.near_miss
def test_one_service_that_doubles_is_no_double_delivery(ledger: Books) -> None:
    assert rules(asked(ledger, [*WHOLE, WHOLE[40]])) == []


@pytest.mark.fault
def test_an_account_that_stopped(ledger: Books) -> None:
    gone = [charge(day, SubAccountId="old") for day in range(20)]
    assert rules(asked(ledger, [*WHOLE, *gone])) == [("account_stopped", "old")]


@pytest.mark.near_miss
def test_an_account_with_charges_now_and_then_did_not_stop(ledger: Books) -> None:
    rare = [charge(day, SubAccountId="rare") for day in (0, 14, 28)]
    assert rules(asked(ledger, [*WHOLE, *rare])) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"BillingCurrency": "USD", "BillingAccountId": "other"}, ("other_currency", "USD")),
        ({"ChargeCategory": "Misc"}, ("unknown_category", "Misc (EUR)")),
        ({"EffectiveCost": None}, ("no_effective_cost", "Compute (EUR)")),
        ({"CommitmentDiscountId": "ri-1"}, ("commitment_without_status", "ri-1 (EUR)")),
        ({"ServiceName": None}, ("no_service", "Usage (EUR)")),
    ],
)
def test_a_row_against_the_specification(ledger: Books, more: dict[str, Any], rule: tuple[str, str]) -> None:
    assert rules(asked(ledger, [*WHOLE, charge(5, **more)])) == [rule]


@pytest.mark.near_miss
def test_commitments_that_say_what_they_are_are_fine(ledger: Books) -> None:
    used = charge(5, CommitmentDiscountId="ri-1", CommitmentDiscountStatus="Used")
    bought = charge(5, "100", CommitmentDiscountId="ri-1", ChargeCategory="Purchase", EffectiveCost="0")
    assert rules(asked(ledger, [*WHOLE, used, bought])) == []


@pytest.mark.fault
def test_two_currencies_in_one_invoice(ledger: Books) -> None:
    found = rules(asked(ledger, [*WHOLE, charge(5, BillingCurrency="USD")]))
    assert found == [("other_currency", "USD"), ("two_currencies", "bill 2026-09")]


def test_a_past_window_knows_what_was_known_then(ledger: Books) -> None:
    ledger.put("a.csv", [*WHOLE[:40], *WHOLE[44:]])
    ledger.bring(40)
    ledger.put("a.csv", WHOLE)
    ledger.bring(50)
    assert rules(ledger.ask(bill_quality, 40)) == [("days_missing", "days")]
    assert ("days_missing", "days") not in rules(ledger.ask(bill_quality, 50))


COLUMNS = {
    "ServiceName": "ServiceName", "SubAccountId": "SubAccountId", "RegionId": "RegionId", "ListCost": "ListCost",
    "ContractedCost": "ContractedCost", "PricingQuantity": "PricingQuantity", "Tags": "Tags",
}  # fmt: skip


@pytest.mark.fault
@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_that_an_export_lost_is_named_with_its_day(ledger: Books, column: str) -> None:
    rows = [{**row, column: None} if day >= 30 else row for day in range(40) for row in WHOLE[day * 4 : day * 4 + 4]]
    found = {rule: finding for finding in asked(ledger, rows).findings if (rule := finding.rule) == "column_emptied"}
    assert found["column_emptied"].object == column
    assert "since 2026-10-01 (10 days)" in found["column_emptied"].title


@pytest.mark.near_miss
@pytest.mark.parametrize(("begins", "ends"), [(38, 40), (0, 38), (0, 40), (6, 20)])
def test_a_column_that_is_short_or_never_there_is_no_change(ledger: Books, begins: int, ends: int) -> None:
    rows = [
        {**row, "RegionId": None} if begins <= day < ends else row for day in range(40) for row in WHOLE[day * 4 : day * 4 + 4]
    ]
    assert rules(asked(ledger, rows)) == []
