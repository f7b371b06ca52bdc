"""idle_addresses: associated with nothing, or with what is stopped."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import REGION, Cloud, by_rule, client, make_instance

RULE = "idle_addresses"


def address() -> str:
    return str(client("ec2").allocate_address(Domain="vpc")["AllocationId"])


def associated() -> tuple[str, str]:
    instance, made = make_instance(), address()
    client("ec2").associate_address(InstanceId=instance, AllocationId=made)
    return instance, made


@pytest.mark.baseline
@pytest.mark.near_miss
def test_one_with_a_running_instance_is_fine(cloud: Cloud) -> None:
    associated()
    assert by_rule(cloud.ask(min_amount=1), RULE) == []


@pytest.mark.near_miss
def test_a_small_amount_is_a_row_and_no_finding(cloud: Cloud) -> None:
    address()
    assert by_rule(cloud.ask(), RULE) == []
    assert len(cloud.rows()) == 1


@pytest.mark.fault
def test_one_with_nothing_costs_half_a_cent_an_hour(cloud: Cloud) -> None:
    made = address()
    assert by_rule(cloud.ask(min_amount=1), RULE) == [f"{REGION}/{made}"]
    assert cloud.rows("monthly_low, monthly_expected, monthly_high") == [(Decimal("3.36"), Decimal("3.65"), Decimal("3.72"))]


@pytest.mark.fault
def test_one_with_a_stopped_instance(cloud: Cloud) -> None:
    instance, made = associated()
    client("ec2").stop_instances(InstanceIds=[instance])
    answer = cloud.ask(min_amount=1)
    assert by_rule(answer, RULE) == [f"{REGION}/{made}"]
    assert f"with instance {instance}, which is stopped" in answer.findings[0].title
