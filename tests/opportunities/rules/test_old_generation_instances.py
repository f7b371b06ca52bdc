"""old_generation_instances: the same size, newer and cheaper."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import EC2, Cloud, by_rule, load, make_instance

RULE = "old_generation_instances"


@pytest.mark.baseline
@pytest.mark.near_miss
def test_the_newest_and_the_one_before_are_fine(cloud: Cloud) -> None:
    for kind in ("m6i.large", "m5.large"):
        load(cloud, make_instance(kind), 90, 10**9)
    assert by_rule(cloud.ask(min_amount=0.1), RULE) == []


@pytest.mark.fault
def test_the_difference_in_percent_of_what_is_paid(cloud: Cloud) -> None:
    cloud.pay(EC2, "5", "10")
    instance = make_instance("m4.2xlarge")
    load(cloud, instance, 90, 10**9)
    cloud.ask(min_amount=1)
    # 0.40 USD an hour, 730 hours, half of it paid, 4 % less on m6i.
    assert cloud.rows(rule=RULE) == [(RULE, instance, Decimal("5.84"), "ledger")]
