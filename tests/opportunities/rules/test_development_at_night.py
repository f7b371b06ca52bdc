"""development_at_night: what is for development and is never off."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import EC2, Cloud, by_rule, client, load, make_instance

RULE = "development_at_night"
FIELDS = {"development_tags": ["environment=dev"]}


@pytest.mark.baseline
@pytest.mark.near_miss
def test_what_is_not_declared_or_was_started_lately_is_left_alone(cloud: Cloud) -> None:
    for tags in ({}, {"environment": "production"}, {"Environment": "dev"}):
        load(cloud, make_instance(tags=tags), 90, 10**9)
    assert by_rule(cloud.ask(account=FIELDS), RULE) == []
    assert by_rule(cloud.ask(account={"development_tags": []}), RULE) == [], "nothing is declared"


@pytest.mark.near_miss
def test_one_that_was_started_within_the_days_looked_at_is_too_young(cloud: Cloud) -> None:
    make_instance(tags={"environment": "dev"})
    cloud.seen(29)
    assert by_rule(cloud.ask(account=FIELDS), RULE) == []


@pytest.mark.fault
def test_the_hours_outside_twelve_on_five_days_at_what_is_paid(cloud: Cloud) -> None:
    cloud.pay(EC2, "5", "10")
    instance = make_instance(tags={"environment": "DEV"})
    load(cloud, instance, 90, 10**9)
    assert by_rule(cloud.ask(account=FIELDS), RULE) != []
    # 0.096 USD an hour, 730 hours, half of it paid, 108 of 168 hours off.
    assert cloud.rows(rule=RULE) == [(RULE, instance, Decimal("22.53"), "ledger")]


@pytest.mark.near_miss
def test_a_protected_one_is_a_row_and_no_finding(cloud: Cloud) -> None:
    instance = make_instance(tags={"environment": "dev"})
    load(cloud, instance, 90, 10**9)
    client("ec2").modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": True})
    assert by_rule(cloud.ask(account=FIELDS), RULE) == []
    assert [row[0] for row in cloud.rows("protected_by", rule=RULE)] == ["termination protection"]
