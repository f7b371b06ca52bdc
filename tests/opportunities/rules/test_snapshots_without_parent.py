"""snapshots_without_parent: the volume is gone, no image is made of it."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import REGION, Cloud, by_rule, client, make_volume

RULE = "snapshots_without_parent"


def snapshot(volume: str) -> str:
    return str(client("ec2").create_snapshot(VolumeId=volume)["SnapshotId"])


@pytest.mark.baseline
def test_one_whose_volume_is_there_is_fine(cloud: Cloud) -> None:
    snapshot(make_volume(400))
    assert by_rule(cloud.ask(), RULE) == []


@pytest.mark.near_miss
def test_one_that_an_image_is_made_of_is_fine(cloud: Cloud) -> None:
    volume = make_volume(400)
    name = snapshot(volume)
    client("ec2").register_image(Name="shop", BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": name}}])
    client("ec2").delete_volume(VolumeId=volume)
    used = [
        part["Ebs"].get("SnapshotId")
        for image in client("ec2").describe_images(Owners=["self"])["Images"]
        for part in image.get("BlockDeviceMappings", ())
        if "Ebs" in part
    ]
    assert (by_rule(cloud.ask(), RULE) == []) == (name in used), "moto makes an image's snapshots anew"


@pytest.mark.fault
def test_those_of_a_volume_are_one_with_the_largest_expected(cloud: Cloud) -> None:
    volume = make_volume(400)
    for _ in range(3):
        snapshot(volume)
    client("ec2").delete_volume(VolumeId=volume)
    assert by_rule(cloud.ask(), RULE) == [f"{REGION}/{volume}"]
    money = "resource, monthly_low, monthly_expected, monthly_high"
    assert cloud.rows(money, rule=RULE) == [(volume, Decimal("0.00"), Decimal("20.00"), Decimal("60.00"))]


@pytest.mark.near_miss
def test_new_ones_are_too_young(cloud: Cloud) -> None:
    volume = make_volume(400)
    snapshot(volume)
    client("ec2").delete_volume(VolumeId=volume)
    cloud.seen(days_later=2)
    assert "1 too young" in cloud.ask().summary
