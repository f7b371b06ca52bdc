"""What the FOCUS specification says about money, held to the cent: corrections, refunds, credits, tax, marketplace."""

from decimal import Decimal
from typing import Any

import pytest

from tests.costs_seen import gross_and_net
from tests.ledger.world import FIRST, Books, charge


def bill(ledger: Books, *rows: dict[str, Any], after: int = 40) -> None:
    """A delivery beside the others."""
    ledger.put(f"{after}.csv", rows)
    ledger.bring(after)


NEXT = {"BillingPeriodStart": "2026-10-01 00:00:00"}


def test_a_correction_of_an_invoiced_period_is_a_charge_of_the_next_and_says_so(ledger: Books) -> None:
    bill(ledger, charge(3, "10.00"), charge(30, "1"))
    bill(
        ledger,
        charge(3, "-10.00", ChargeClass="Correction", **NEXT),
        charge(3, "12.50", ChargeClass="Correction", **NEXT),
        after=42,
    )
    assert ledger.rows("select billing_period, class, billed_cost from upkeep.spend_now where day = '2026-09-04' order by 1") == [
        (FIRST, None, 10), (FIRST.replace(month=10), "Correction", Decimal("2.5")),
    ]  # fmt: skip
    assert ledger.rows("select month, billed_difference, why from upkeep.restatement") == [(FIRST, Decimal("2.5"), "correction")]


@pytest.mark.parametrize(("amount", "why"), [("-4.20", "correction"), ("4.20", "correction")])
def test_a_correction_is_no_refund_whatever_its_sign(ledger: Books, amount: str, why: str) -> None:
    bill(ledger, charge(3, "10.00"))
    bill(ledger, charge(3, amount, ChargeClass="Correction", **NEXT), after=42)
    assert ledger.rows("select category, why from upkeep.restatement join upkeep.spend using (delivery)") == [("Usage", why)]


def test_a_refund_in_an_open_period_restates_nothing(ledger: Books) -> None:
    bill(ledger, charge(3, "10.00"), after=10)
    bill(ledger, charge(3, "-10.00", ChargeCategory="Adjustment"), after=12)
    assert ledger.value("select sum(billed_cost) from upkeep.spend_now") == 0
    assert ledger.value("select count(*) from upkeep.restatement") == 0


def test_a_replaced_row_of_an_open_period_is_a_new_version(ledger: Books) -> None:
    ledger.put("a.csv", [charge(3, "10.00")])
    ledger.bring(10)
    ledger.put("a.csv", [charge(3, "12.00")])
    ledger.bring(12)
    assert ledger.rows("select version, billed_cost from upkeep.spend order by 1") == [(1, 10), (2, 12)]


def test_credits_and_tax_stand_beside_what_they_are_for(ledger: Books) -> None:
    bill(ledger, charge(3, "33.86"), charge(3, "-33.86", ChargeCategory="Credit"), charge(3, "6.43", ChargeCategory="Tax"))
    assert gross_and_net(ledger, 3) == (Decimal("33.86"), Decimal("6.43"))


def test_tax_of_a_purchase_that_is_spread_is_spread_too(ledger: Books) -> None:
    plan = {"CommitmentDiscountId": "plan"}
    bill(ledger, charge(0, "100", EffectiveCost="0", ChargeCategory="Purchase", **plan),
         charge(0, "19", EffectiveCost="0", ChargeCategory="Tax", **plan),
         *(charge(day, "0", EffectiveCost="10", CommitmentDiscountStatus="Used", **plan) for day in range(10)),
         *(charge(day, "0", EffectiveCost="1.90", ChargeCategory="Tax", **plan) for day in range(10)))  # fmt: skip
    sums = "select category, sum(billed_cost), sum(effective_cost) from upkeep.spend_now group by 1 order by 1"
    assert ledger.rows(sums) == [("Purchase", 100, 0), ("Tax", 19, 19), ("Usage", 0, 100)]


def test_marketplace_charges_are_kept_under_who_bills_them(ledger: Books) -> None:
    bill(ledger, charge(0, "250", PublisherName="Vendor", InvoiceIssuerName="Amazon Web Services, Inc.", ServiceName=None,
                        ChargeCategory="Purchase"))  # fmt: skip
    assert ledger.rows("select provider, service, billed_cost from upkeep.spend_now") == [("AWS", "unassigned", 250)]


@pytest.mark.parametrize("amounts", [("0", "0", "0", "0"), ("-0.01", "-0.01", "0", "0")])
def test_rows_of_nothing_and_below_are_kept(ledger: Books, amounts: tuple[str, ...]) -> None:
    names = ("BilledCost", "EffectiveCost", "ContractedCost", "ListCost")
    bill(ledger, charge(0, **dict(zip(names, amounts, strict=True))))
    assert ledger.rows("select billed_cost, contracted_missing, source_rows from upkeep.spend_now") == [
        (Decimal(amounts[0]), 0, 1)
    ]
