"""idle_instances: the CPU, the network, gaps, protection, and what commitments cover."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import EC2, REGION, Cloud, by_rule, client, days, load, make_instance
from upkeep.answer import Status

RULE = "idle_instances"


@pytest.mark.baseline
def test_a_busy_one_is_fine(cloud: Cloud) -> None:
    load(cloud, make_instance(), 60, 10**9)
    assert cloud.ask().status is Status.OK


@pytest.mark.near_miss
@pytest.mark.parametrize(("cpu", "network"), [(5.1, 0), (1, 2_500_001)])
def test_just_above_a_limit_is_not_idle(cloud: Cloud, cpu: float, network: float) -> None:
    load(cloud, make_instance(), cpu, network)
    assert by_rule(cloud.ask(), RULE) == []


@pytest.mark.near_miss
def test_a_gap_in_its_metrics_is_unknown_and_never_idle(cloud: Cloud) -> None:
    instance = make_instance()
    load(cloud, instance, 1, only=days()[:-1])
    answer = cloud.ask()
    assert (answer.status, answer.findings) == (Status.UNKNOWN, ())
    assert f"{instance}: CloudWatch has no metrics of it for 1 of 30 days" in answer.summary


@pytest.mark.fault
@pytest.mark.parametrize(("cpu", "network"), [(5.0, 2_500_000), (0.0, 0)])
def test_at_the_limit_it_is_idle(cloud: Cloud, cpu: float, network: float) -> None:
    instance = make_instance()
    load(cloud, instance, cpu, network)
    assert by_rule(cloud.ask(), RULE) == [f"{REGION}/{instance}"]
    assert cloud.rows(rule=RULE) == [(RULE, instance, Decimal("70.08"), "list")]


def test_hours_that_commitments_cover_are_not_saved(cloud: Cloud) -> None:
    cloud.pay(EC2, "8", "10")
    cloud.pay(EC2, "12", "30", CommitmentDiscountId="sp-1", CommitmentDiscountStatus="Used")
    load(cloud, make_instance(), 1)
    cloud.ask()
    # 70.08 at list price; on demand 80 % of it are paid, and commitments cover 30 of 40.
    assert cloud.rows("monthly_low, monthly_expected, monthly_high", rule=RULE) == [
        (Decimal("12.90"), Decimal("14.02"), Decimal("57.14"))
    ]


def test_termination_protection_is_respected(cloud: Cloud) -> None:
    instance = make_instance()
    client("ec2").modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": True})
    load(cloud, instance, 1)
    answer = cloud.ask()
    assert by_rule(answer, RULE) == []
    assert cloud.rows("protected_by", rule=RULE) == [("termination protection",)]


def test_spot_and_stopped_ones_are_left_out(cloud: Cloud) -> None:
    load(cloud, make_instance(InstanceMarketOptions={"MarketType": "spot"}), 1)
    stopped = make_instance()
    client("ec2").stop_instances(InstanceIds=[stopped])
    assert cloud.ask().status is Status.OK


def test_a_type_without_a_price_is_unknown(cloud: Cloud) -> None:
    load(cloud, make_instance("x1.32xlarge"), 1)
    answer = cloud.ask()
    assert (answer.status, cloud.rows(rule=RULE)) == (Status.UNKNOWN, [])
    assert "no price is known for x1.32xlarge" in answer.summary
