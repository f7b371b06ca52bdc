"""old_generation_volumes: gp2 where gp3 is cheaper."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import Cloud, client, make_instance, make_volume

RULE = "old_generation_volumes"


def attached(size: int, kind: str) -> str:
    volume = make_volume(size, kind)
    client("ec2").attach_volume(VolumeId=volume, InstanceId=make_instance("m6i.large"), Device="/dev/sdf")
    return volume


def found(cloud: Cloud) -> dict[str, Decimal]:
    cloud.ask()
    return {resource: money for _, resource, money, _ in cloud.rows(rule=RULE) if money >= 1}


@pytest.mark.baseline
def test_gp3_is_fine(cloud: Cloud) -> None:
    attached(500, "gp3")
    assert found(cloud) == {}


@pytest.mark.near_miss
def test_one_with_so_many_iops_that_gp3_costs_no_less_by_much(cloud: Cloud) -> None:
    volume = attached(2000, "gp2")
    # 200.00 on gp2; 160.00 on gp3 and 3,000 IOPS more for 15.00.
    assert found(cloud) == {volume: Decimal("25.00")}


@pytest.mark.fault
def test_a_fifth_is_saved(cloud: Cloud) -> None:
    volume = attached(500, "gp2")
    assert found(cloud) == {volume: Decimal("10.00")}


def test_one_that_nothing_has_is_claimed_by_that_rule(cloud: Cloud) -> None:
    volume = make_volume(500, "gp2")
    assert found(cloud) == {}
    assert cloud.rows("resource, evidence -> 'also'", rule="unattached_volumes") == [(volume, [RULE])]
