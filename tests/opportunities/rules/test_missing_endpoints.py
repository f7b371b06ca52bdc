"""missing_endpoints: a gateway that carries what could go to S3 and DynamoDB for nothing."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import REGION, Cloud, by_rule, client
from tests.opportunities.buckets import refused
from tests.opportunities.networks import make_network, passed
from upkeep.answer import Status

RULE = "missing_endpoints"


def reach(vpc: str, service: str, table: str) -> None:
    """A gateway endpoint of a service."""
    client("ec2").create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.{service}", RouteTableIds=[table])


@pytest.mark.baseline
def test_one_beside_endpoints_of_both_is_fine(cloud: Cloud) -> None:
    network = make_network()
    passed(cloud, network.gateway, 1000)
    for service in ("s3", "dynamodb"):
        reach(network.vpc, service, network.table)
    assert by_rule(cloud.ask(), RULE) == []
    assert cloud.rows(rule=RULE) == []


@pytest.mark.near_miss
def test_little_traffic_is_not_worth_it(cloud: Cloud) -> None:
    passed(cloud, make_network().gateway, 200)
    assert by_rule(cloud.ask(), RULE) == []


@pytest.mark.near_miss
def test_an_endpoint_that_other_routes_have_does_not_help(cloud: Cloud) -> None:
    network = make_network()
    passed(cloud, network.gateway, 1000)
    reach(network.vpc, "dynamodb", network.table)
    other = client("ec2").create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    reach(network.vpc, "s3", other)
    (finding,) = [each for each in cloud.ask().findings if each.rule == RULE]
    assert finding.title.startswith("S3 is reached through NAT gateway")
    assert network.table in finding.remedy


@pytest.mark.fault
def test_traffic_without_endpoints_is_told(cloud: Cloud) -> None:
    gateway = make_network().gateway
    passed(cloud, gateway, 1000)
    assert by_rule(cloud.ask(), RULE) == [f"{REGION}/{gateway}"]
    money = "resource, monthly_low, monthly_expected, monthly_high, confidence"
    assert cloud.rows(money, rule=RULE) == [(gateway, Decimal("0.00"), Decimal("22.50"), Decimal("45.00"), "low")]


@pytest.mark.near_miss
def test_a_gap_is_unknown_and_a_new_one_is_too_young(cloud: Cloud) -> None:
    passed(cloud, make_network().gateway, 1000, missing=1)
    answer = cloud.ask()
    assert (answer.status, by_rule(answer, RULE)) == (Status.UNKNOWN, [])
    cloud.seen(5)
    assert by_rule(cloud.ask(), RULE) == []


@pytest.mark.parametrize(
    ("operation", "action"),
    [("describe_vpc_endpoints", "ec2:DescribeVpcEndpoints"), ("describe_route_tables", "ec2:DescribeRouteTables")],
)
def test_a_missing_right_is_named(cloud: Cloud, operation: str, action: str) -> None:
    passed(cloud, make_network().gateway, 1000)
    cloud.faults = refused(operation)
    answer = cloud.ask()
    assert by_rule(answer, RULE) == []
    assert answer.evidence["allow"] == [action]
