"""unattached_volumes: free, for long, and unprotected."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import REGION, Cloud, by_rule, client, days, make_instance, make_volume

RULE = "unattached_volumes"


@pytest.mark.baseline
def test_an_attached_one_is_fine(cloud: Cloud) -> None:
    volume = make_volume()
    client("ec2").attach_volume(VolumeId=volume, InstanceId=make_instance(), Device="/dev/sdf")
    assert by_rule(cloud.ask(), RULE) == []


@pytest.mark.near_miss
def test_one_that_was_attached_in_the_days_looked_at_is_not_judged_yet(cloud: Cloud) -> None:
    cloud.measure("AWS/EBS", "VolumeReadOps", {"VolumeId": make_volume()}, 0, only=days()[-1:])
    answer = cloud.ask()
    assert by_rule(answer, RULE) == []
    assert "1 too young to be judged" in answer.summary


@pytest.mark.near_miss
def test_one_made_two_days_ago_is_too_young(cloud: Cloud) -> None:
    make_volume()
    cloud.seen(days_later=2)
    assert "1 too young to be judged" in cloud.ask().summary
    assert cloud.rows() == []


@pytest.mark.fault
def test_each_type_has_its_price(cloud: Cloud) -> None:
    volumes = {kind: make_volume(200, kind, iops=100 if kind == "io1" else None) for kind in ("gp2", "gp3", "io1", "st1")}
    answer = cloud.ask()
    assert by_rule(answer, RULE) == sorted(f"{REGION}/{each}" for each in volumes.values())
    found = {resource: money for _, resource, money, _ in cloud.rows()}
    assert {kind: found[volume] for kind, volume in volumes.items()} == {
        "gp2": Decimal("20.00"), "gp3": Decimal("16.00"), "io1": Decimal("25.00"), "st1": Decimal("9.00")
    }  # fmt: skip


def test_a_declared_tag_protects_whatever_quotes_it_has(cloud: Cloud) -> None:
    tags = {'it\'s "kept"': "o'clock", "Name": "a'b\"c"}
    volume = make_volume(tags=tags)
    answer = cloud.ask(account={"protected_tags": ['it\'s "kept"']})
    assert by_rule(answer, RULE) == []
    assert "1 protected" in answer.summary
    assert cloud.rows("resource, name, protected_by") == [(volume, "a'b\"c", "tag it's \"kept\"=o'clock")]
