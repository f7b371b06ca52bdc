"""Odd bills: whatever a source may say, every check of costs and its pages answer, and the money stays."""

from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.ledger.world import FIRST, Books, Row, charge
from upkeep.answer import Status
from upkeep.checks.costs.bill_quality import bill_quality
from upkeep.checks.costs.budgets import budgets
from upkeep.checks.costs.commitments import commitments
from upkeep.checks.costs.opportunities import opportunities
from upkeep.checks.costs.savings import savings
from upkeep.checks.costs.spend import spend
from upkeep.checks.costs.spend_anomalies import spend_anomalies
from upkeep.ui.app import create_app

KEY = """te'a"m\\/~{}é"""
CHECKS = (bill_quality, spend, budgets, commitments, spend_anomalies, opportunities, savings)
ACCOUNT = {
    "tag_keys": ["team", KEY],
    "shared": [{"service": "Support", "tag_key": "team"}],
    "budgets": [{"name": "all", "amount": 100}, {"name": "odd", "amount": 5, "tag": {KEY: "shop"}}],
}


def days(make: Callable[[int], Row]) -> list[Row]:
    """A charge on each of sixty days."""
    return [make(day) for day in range(60)]


def committed(day: int, status: str, cost: str) -> Row:
    """A commitment, used or not."""
    return charge(day, cost, CommitmentDiscountId="sp-1", CommitmentDiscountStatus=status, ChargeCategory="Usage")


BILLS: dict[str, list[Row]] = {
    "only rows of nothing": days(lambda day: charge(day, "0")),
    "only credits": days(lambda day: charge(day, "-5", ChargeCategory="Credit")),
    "only taxes": days(lambda day: charge(day, "5", ChargeCategory="Tax")),
    "only what is given back": days(lambda day: charge(day, "-5")),
    "credits that offset everything": [
        *days(lambda day: charge(day, "5")),
        *days(lambda d: charge(d, "-5", ChargeCategory="Credit")),
    ],
    "one day": [charge(0, "5")],
    "one day that is decades ahead": [charge(0, "5"), charge(20_000, "5")],
    "only purchases": [charge(day, "500", ChargeCategory="Purchase", EffectiveCost="0") for day in (0, 30)],
    "a commitment that nobody used": days(lambda day: committed(day, "Unused", "7")),
    "an unused commitment below zero": days(lambda day: committed(day, "Unused", "-7")),
    "a commitment used for nothing": days(lambda day: committed(day, "Used", "0")),
    "two currencies, one below zero": [
        *days(lambda day: charge(day, "5")),
        *days(lambda day: charge(day, "-9", BillingCurrency="JPY")),
    ],
    "no service, no region, no tags": days(lambda day: charge(day, "5", ServiceName=None, RegionId=None, Tags=None)),
    "tags of any signs": days(lambda day: charge(day, "5", Tags='{"te\'a\\"m\\\\/~{}é": "sh\'o\\"p<b>&%s{}"}')),
    "shared costs that nobody has to share": days(lambda day: charge(day, "5", ServiceName="Support", Tags=None)),
    "shared costs of below zero": [
        *days(lambda day: charge(day, "-5", ServiceName="Support", Tags=None)),
        *days(lambda day: charge(day, "5")),
    ],
    "amounts of very many digits": days(lambda day: charge(day, "12345678901234567890.123456789012345678")),
    "amounts of next to nothing": days(lambda day: charge(day, "1e-18")),
    "no effective, contracted or list cost": days(
        lambda day: charge(
            day, "5", EffectiveCost=None, ContractedCost=None, ListCost=None, PricingQuantity=None, PricingUnit=None
        )
    ),
    "a quantity of nothing and one below": [
        *days(lambda day: charge(day, "5", PricingQuantity="0")),
        *days(lambda day: charge(day, "5", PricingQuantity="-3", PricingUnit="GB")),
    ],
    "invoiced in months before and after": [
        charge(day, "5", BillingPeriodStart=f"2026-{month}-01 00:00:00") for day in range(40) for month in ("08", "09", "11")
    ],
}


@pytest.mark.parametrize("rows", BILLS.values(), ids=BILLS.keys())
def test_every_check_and_page_answers(ledger: Books, rows: list[Row]) -> None:
    ledger.put("a.csv", rows)
    imported = ledger.bring(61, account=ACCOUNT)
    assert imported.status is Status.OK, imported.summary
    kept = dict(ledger.rows("select currency, sum(billed_cost) from upkeep.spend_now group by 1"))
    assert kept == {currency: money(rows, currency) for currency in kept}
    for check in CHECKS:
        answer = ledger.ask(check, 61, account=ACCOUNT)
        assert not any(word in answer.summary.lower() for word in ("nan", "none", "traceback", "inf ")), (
            check.name,
            answer.summary,
        )
    look_at_pages(ledger)


def money(rows: list[Row], currency: str) -> Decimal:
    """What the file says."""
    with localcontext(prec=60):
        return sum((Decimal(row["BilledCost"]) for row in rows if row["BillingCurrency"] == currency), Decimal(0))


def look_at_pages(ledger: Books) -> None:
    """From the bill down to its rows, by every link of each level that leads further down."""
    app = FastAPI()
    app.mount("/upkeep", create_app(lambda: ledger.lab.endpoint, []))
    with TestClient(app) as client:
        for currency in ("EUR", "JPY"):
            page: Any = client.get("/upkeep/costs", params={"account": "aws", "currency": currency})
            assert page.status_code == 200, page.text[:2000]
            assert "2081" not in page.text, "a bill is not known as far as its strangest row"
        about = {"account": "aws", "currency": "EUR", "first": "2026-09-01", "last": "2027-12-31"}
        levels: tuple[dict[str, str], ...] = (
            {}, {"sub": "production"}, {"sub": "production", "service": "Compute"},
            {"sub": "production", "service": "Compute", "key": KEY, "value": "sh'o\"p<b>&%s{}"},
            {"sub": "production", "service": "Compute", "lacks": "region", "by": "day"},
            {"sub": "production", "service": "Compute", "by": "day", "day": f"{FIRST}"},
        )  # fmt: skip
        for level in levels:
            page = client.get("/upkeep/spend", params={**about, **level})
            assert page.status_code == 200, (level, page.text[:2000])
            assert "sh'o\"p<b>" not in page.text
