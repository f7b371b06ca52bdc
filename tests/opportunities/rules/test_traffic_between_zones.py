"""traffic_between_zones: what other zones send through a gateway, against the hours of one more."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import REGION, Cloud, by_rule, load, make_instance
from tests.opportunities.buckets import refused
from tests.opportunities.networks import Network, make_network, passed

RULE = "traffic_between_zones"


def busy(cloud: Cloud, network: Network, near: float, far: float) -> None:
    """An instance in each zone, with so many bytes a day in and as many out."""
    for subnet, count in ((network.near, near), (network.far, far)):
        load(cloud, make_instance(SubnetId=subnet), 90, count)


@pytest.mark.baseline
def test_a_gateway_of_its_own_zone_is_fine(cloud: Cloud) -> None:
    network = make_network()
    passed(cloud, network.gateway, 100_000)
    busy(cloud, network, 10**9, 0)
    assert by_rule(cloud.ask(), RULE) == []


@pytest.mark.near_miss
def test_less_than_another_gateway_costs_is_fine(cloud: Cloud) -> None:
    network = make_network()
    passed(cloud, network.gateway, 4000)
    busy(cloud, network, 10**9, 3 * 10**9)
    assert by_rule(cloud.ask(), RULE) == []


@pytest.mark.fault
def test_more_than_that_is_told(cloud: Cloud) -> None:
    network = make_network()
    passed(cloud, network.gateway, 10_000)
    busy(cloud, network, 10**9, 3 * 10**9)
    assert by_rule(cloud.ask(), RULE) == [f"{REGION}/{network.gateway}"]
    # Three quarters of 10,000 GB, in one direction and in both, less 744, 730 and 672 hours at 0.045 USD.
    money = "monthly_low, monthly_expected, monthly_high, confidence"
    assert cloud.rows(money, rule=RULE) == [(Decimal("41.52"), Decimal("42.15"), Decimal("119.76"), "low")]


@pytest.mark.near_miss
def test_without_an_instance_nothing_tells_the_share(cloud: Cloud) -> None:
    passed(cloud, make_network().gateway, 10_000)
    answer = cloud.ask()
    assert by_rule(answer, RULE) == []
    assert any("no instance tells how much" in line for line in answer.evidence["unknown"])


def test_a_missing_right_is_named(cloud: Cloud) -> None:
    passed(cloud, make_network().gateway, 10_000)
    cloud.faults = refused("describe_subnets")
    assert cloud.ask().evidence["allow"] == ["ec2:DescribeSubnets"]
