"""idle_load_balancers: nothing to send requests to."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import REGION, Cloud, by_rule, client, make_instance

RULE = "idle_load_balancers"


def balancer(*, target: str | None = None, protected: bool = False) -> str:
    """An application load balancer with one target group."""
    ec2, elb = client("ec2"), client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    arn = str(elb.create_load_balancer(Name="front", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"])
    group = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=forward)
    if target:
        elb.register_targets(TargetGroupArn=group, Targets=[{"Id": target}])
    if protected:
        on = [{"Key": "deletion_protection.enabled", "Value": "true"}]
        elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=on)
    return arn


@pytest.mark.baseline
@pytest.mark.near_miss
def test_one_registered_target_is_enough(cloud: Cloud) -> None:
    balancer(target=make_instance())
    assert by_rule(cloud.ask(), RULE) == []


@pytest.mark.fault
def test_one_without_targets(cloud: Cloud) -> None:
    balancer()
    assert by_rule(cloud.ask(), RULE) == [f"{REGION}/front"]
    assert cloud.rows() == [(RULE, "front", Decimal("16.43"), "list")]


def test_deletion_protection_is_respected(cloud: Cloud) -> None:
    balancer(protected=True)
    assert by_rule(cloud.ask(), RULE) == []
    assert cloud.rows("protected_by") == [("deletion protection",)]
