"""commitments: used, paying, covering, ending."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.lab import rules
from tests.ledger.world import Books, Row, charge
from upkeep.answer import Answer
from upkeep.checks.costs.commitments import commitments

# A Tuesday: of the week that ended before it, the last day but two is the newest that is judged.
AFTER, JUDGED = 35, date(2026, 10, 2)


def use(used: str, unused: str, contracted: str = "20", **more: Any) -> list[Row]:
    """A commitment over the days looked at."""
    ours = {"CommitmentDiscountId": "ri-1"}
    rows = []
    for day in range(AFTER):
        rows.append(
            charge(day, "0", EffectiveCost=used, ContractedCost=contracted, CommitmentDiscountStatus="Used", **ours, **more)
        )
        rows.append(charge(day, "0", EffectiveCost=unused, ContractedCost="0", CommitmentDiscountStatus="Unused", **ours, **more))
    return rows


def asked(ledger: Books, rows: list[Row], **account: Any) -> Answer:
    """The answer of the week."""
    ledger.put("a.csv", rows)
    ledger.bring(AFTER, account=account)
    return ledger.ask(commitments, AFTER, account=account)


@pytest.mark.baseline
def test_a_commitment_that_is_used_is_fine(ledger: Books) -> None:
    answer = asked(ledger, use("10", "0"))
    assert rules(answer) == []
    assert "the inventory does not say when ri-1 ends" in answer.summary
    used, even = (next(m for m in answer.metrics if m.name == name) for name in ("commitment_used", "commitment_break_even"))
    assert (used.value, used.n, even.value) == (1.0, used.n, 0.5)
    assert used.numerator == used.denominator


def test_an_empty_ledger_is_unknown(ledger: Books) -> None:
    assert ledger.ask(commitments, AFTER).status == "unknown"


def test_a_bill_without_commitments_is_fine(ledger: Books) -> None:
    assert asked(ledger, [charge(day) for day in range(AFTER)]).summary.startswith("0 commitments")


@pytest.mark.near_miss
@pytest.mark.parametrize(("used", "unused"), [("9", "1"), ("5", "1")])
def test_a_little_that_is_unused_is_fine(ledger: Books, used: str, unused: str) -> None:
    assert rules(asked(ledger, use(used, unused))) == []


@pytest.mark.fault
def test_waste_is_found(ledger: Books) -> None:
    assert rules(asked(ledger, use("8", "4"))) == [("commitment_unused", "ri-1 (EUR)")]


@pytest.mark.fault
def test_one_that_costs_more_than_it_saves_is_worse(ledger: Books) -> None:
    answer = asked(ledger, use("8", "13"))
    assert rules(answer) == [("commitment_loses", "ri-1 (EUR)")]
    assert answer.findings[0].limit == pytest.approx(0.4)


@pytest.mark.near_miss
def test_without_prices_it_is_not_said_to_lose(ledger: Books) -> None:
    answer = asked(ledger, use("8", "13", contracted="0"))
    assert rules(answer) == [("commitment_unused", "ri-1 (EUR)")]
    assert [m for m in answer.metrics if m.name == "commitment_break_even"] == []


@pytest.mark.fault
def test_a_service_that_is_covered_little_is_said(ledger: Books) -> None:
    rows = [*use("10", "0"), *(charge(day, "15") for day in range(AFTER))]
    answer = asked(ledger, rows)
    assert rules(answer) == [("coverage_low", "Compute (EUR)")]
    assert answer.findings[0].value == pytest.approx(0.4)


@pytest.mark.near_miss
@pytest.mark.parametrize("more", [{"PricingCategory": "Dynamic"}, {"ServiceName": "Storage"}])
def test_spot_and_services_without_commitments_are_no_candidates(ledger: Books, more: dict[str, Any]) -> None:
    rows = [
        *({"PricingCategory": None, **row} for row in use("10", "0")),
        *({**charge(day, "15"), "PricingCategory": None, **more} for day in range(AFTER)),
    ]
    assert rules(asked(ledger, rows)) == []


@pytest.mark.parametrize(("days", "found"), [(0, True), (60, True), (61, False), (-1, False)])
def test_what_ends_soon_is_said(ledger: Books, days: int, *, found: bool) -> None:
    ends = JUDGED + timedelta(days=days)
    answer = asked(ledger, use("10", "0"), commitments=[{"id": "ri-1", "ends": str(ends)}])
    assert [rule for rule, _ in rules(answer)] == (["commitment_ends"] if found else [])
    assert ledger.rows("select ends, used_cost / days from upkeep.commitment_use") == [(ends, 10)]


@pytest.mark.near_miss
def test_a_source_that_puts_the_price_of_the_commitment_where_the_contracted_one_belongs(ledger: Books) -> None:
    """Its use without it would have cost the list price or less, which nothing tells."""
    answer = asked(ledger, use("8", "4", contracted="8", ListCost="20"))
    assert rules(answer) == [("commitment_unused", "ri-1 (EUR)")]
    assert [m for m in answer.metrics if m.name == "commitment_break_even"] == []


@pytest.mark.near_miss
@pytest.mark.parametrize("more", [{"CommitmentDiscountId": "ri-2"}, {"PricingCategory": "Committed"}])
def test_use_of_a_commitment_without_a_status_is_not_called_on_demand(ledger: Books, more: dict[str, Any]) -> None:
    rows = [
        {"PricingCategory": "Standard", **row} for row in (*use("10", "0"), *(charge(day, "15", **more) for day in range(AFTER)))
    ]
    assert rules(asked(ledger, rows)) == []


@pytest.mark.baseline
def test_a_commitment_whose_use_is_labelled_standard_is_one(ledger: Books) -> None:
    answer = asked(ledger, use("10", "2", PricingCategory="Standard"))
    assert next(m.value for m in answer.metrics if m.name == "commitment_used") == pytest.approx(10 / 12)
