"""over_provisioned_iops: the busiest five minutes decide."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import REGION, Cloud, by_rule, client, days, make_instance, make_volume
from upkeep.answer import Status

RULE = "over_provisioned_iops"


def attached(iops: int) -> str:
    volume = make_volume(500, "io2", iops=iops)
    client("ec2").attach_volume(VolumeId=volume, InstanceId=make_instance("m6i.large"), Device="/dev/sdf")
    return volume


def busy(cloud: Cloud, volume: str, each_second: float) -> None:
    """Half reads and half writes in the busiest five minutes of each day."""
    for name in ("VolumeReadOps", "VolumeWriteOps"):
        cloud.measure("AWS/EBS", name, {"VolumeId": volume}, each_second * 300 / 2)


@pytest.fixture(autouse=True)
def _no_load(cloud: Cloud) -> None:
    """Instances are no matter here."""
    cloud.fields = {"protected_tags": ["keep"]}


@pytest.mark.baseline
@pytest.mark.near_miss
def test_one_that_uses_them_is_fine(cloud: Cloud) -> None:
    busy(cloud, attached(5000), 3847)
    assert by_rule(cloud.ask(), RULE) == []


@pytest.mark.fault
def test_what_was_never_used_is_saved(cloud: Cloud) -> None:
    volume = attached(5000)
    busy(cloud, volume, 1000)
    assert by_rule(cloud.ask(), RULE) == [f"{REGION}/{volume}"]
    # 1,300 are enough; 3,700 at 0.065 USD.
    assert cloud.rows(rule=RULE) == [(RULE, volume, Decimal("240.50"), "list")]


@pytest.mark.near_miss
def test_a_day_without_operations_is_a_gap(cloud: Cloud) -> None:
    volume = attached(5000)
    cloud.measure("AWS/EBS", "VolumeReadOps", {"VolumeId": volume}, 1, only=days()[1:])
    answer = cloud.ask()
    assert (answer.status, by_rule(answer, RULE)) == (Status.UNKNOWN, [])
