"""idle_nat_gateways: gateways that pass nothing on."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import Cloud, by_rule, client, days

RULE = "idle_nat_gateways"


def make_gateway() -> str:
    """A NAT gateway in a network of its own."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    return str(ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"])


def passed(cloud: Cloud, gateway: str, out: float, back: float = 0) -> None:
    """Bytes of each day."""
    for name, value in (("BytesOutToDestination", out), ("BytesInFromDestination", back)):
        cloud.measure("AWS/NATGateway", name, {"NatGatewayId": gateway}, value)


@pytest.mark.baseline
@pytest.mark.near_miss
@pytest.mark.parametrize(("out", "back"), [(1, 0), (0, 1)])
def test_one_that_passes_a_byte_on_is_used(cloud: Cloud, out: float, back: float) -> None:
    passed(cloud, make_gateway(), out, back)
    assert by_rule(cloud.ask(), RULE) == []


@pytest.mark.fault
def test_one_without_a_byte_costs_its_hours(cloud: Cloud) -> None:
    gateway = make_gateway()
    passed(cloud, gateway, 0)
    assert by_rule(cloud.ask(), RULE) != []
    assert cloud.rows(rule=RULE) == [(RULE, gateway, Decimal("32.85"), "list")]


@pytest.mark.near_miss
def test_a_gap_is_unknown_and_a_new_one_is_too_young(cloud: Cloud) -> None:
    gateway = make_gateway()
    for name in ("BytesOutToDestination", "BytesInFromDestination"):
        cloud.measure("AWS/NATGateway", name, {"NatGatewayId": gateway}, 0, only=days()[1:])
    answer = cloud.ask()
    assert by_rule(answer, RULE) == []
    assert answer.status == "unknown"
    cloud.seen(5)
    assert by_rule(cloud.ask(), RULE) == []
