"""uncommitted: steady use on demand, at the discount that the account's commitments give."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import EC2, RDS, Cloud

RULE = "uncommitted"
MONEY = "monthly_low, monthly_expected, monthly_high, currency, price_source"


@pytest.mark.baseline
def test_nothing_on_demand_is_fine(cloud: Cloud) -> None:
    cloud.pay(EC2, "12", "20", CommitmentDiscountId="sp-1", CommitmentDiscountStatus="Used")
    cloud.ask()
    assert cloud.rows(rule=RULE) == []


@pytest.mark.near_miss
def test_spot_and_other_services_are_no_candidates(cloud: Cloud) -> None:
    cloud.pay(EC2, "12", "20", PricingCategory="Dynamic")
    cloud.pay(RDS, "12", "20", PricingCategory="Standard")
    cloud.ask()
    assert cloud.rows(rule=RULE) == []


@pytest.mark.fault
def test_at_the_accounts_own_discount(cloud: Cloud) -> None:
    cloud.pay(EC2, "10", "10")
    cloud.pay(EC2, "12", "20", CommitmentDiscountId="sp-1", CommitmentDiscountStatus="Used")
    cloud.ask()
    # 10.00 a day, 365/12 days, 40 %.
    assert cloud.rows(MONEY, rule=RULE) == [(Decimal("0.00"), Decimal("121.67"), Decimal("121.67"), "USD", "ledger")]


@pytest.mark.fault
def test_an_account_without_commitments_has_the_listed_discount_which_is_said(cloud: Cloud) -> None:
    cloud.pay(EC2, "10", "10")
    answer = cloud.ask()
    assert cloud.rows(MONEY, rule=RULE) == [(Decimal("0.00"), Decimal("82.13"), Decimal("82.13"), "USD", "list")]
    assert "at list prices" in answer.findings[0].title


@pytest.mark.near_miss
@pytest.mark.parametrize("paid", ["0", "20", "21"])
def test_commitments_that_tell_no_discount_are_not_taken_for_one(cloud: Cloud, paid: str) -> None:
    cloud.pay(EC2, "10", "10")
    cloud.pay(EC2, paid, "20", CommitmentDiscountId="sp-1", CommitmentDiscountStatus="Used")
    cloud.ask()
    assert cloud.rows("monthly_high, price_source", rule=RULE) == [(Decimal("82.13"), "list")]
