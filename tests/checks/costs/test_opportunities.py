"""opportunities: rows, findings, prices, and what stays unknown."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import EC2, REGION, Cloud, by_rule, load, make_instance, make_volume
from tests.lab import rules
from upkeep.answer import Status
from upkeep.checks.costs.opportunities import opportunities


@pytest.mark.baseline
def test_a_busy_instance_is_fine(cloud: Cloud) -> None:
    load(cloud, make_instance(), 90.0, 10**9)
    answer = cloud.ask()
    assert rules(answer) == []
    assert cloud.rows(rule="idle_instances") == []


@pytest.mark.near_miss
def test_just_above_the_limit_is_not_idle(cloud: Cloud) -> None:
    load(cloud, make_instance(), 5.1)
    load(cloud, make_instance(), 1.0, 2_500_001)
    assert by_rule(cloud.ask(), "idle_instances") == []


@pytest.mark.fault
def test_an_idle_instance_costs_what_the_account_pays(cloud: Cloud) -> None:
    cloud.pay(EC2, "6", "10")
    instance = make_instance()
    load(cloud, instance, 4.9)
    answer = cloud.ask()
    assert by_rule(answer, "idle_instances") == [f"{REGION}/{instance}"]
    # 0.096 USD an hour at list price, of which 60 % are paid: 672, 730 and 744 hours.
    money = "monthly_low, monthly_expected, monthly_high, currency, price_source"
    assert cloud.rows(money, rule="idle_instances") == [(Decimal("38.71"), Decimal("42.05"), Decimal("42.85"), "USD", "ledger")]


@pytest.mark.fault
def test_a_volume_that_nothing_has(cloud: Cloud) -> None:
    volume = make_volume()
    answer = cloud.ask()
    assert by_rule(answer, "unattached_volumes") == [f"{REGION}/{volume}"]
    assert cloud.rows() == [("unattached_volumes", volume, Decimal("8.00"), "list")]
    assert "at list prices" in answer.findings[0].title
    assert "1 at list prices" in answer.summary
    assert answer.status is Status.BREACH
    assert not opportunities.dated
