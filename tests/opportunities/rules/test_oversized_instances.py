"""oversized_instances: half the cores would do."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import REGION, Cloud, by_rule, load, make_instance
from upkeep.opportunities.list_prices import smaller

RULE = "oversized_instances"
BUSY = 10**9


@pytest.mark.baseline
def test_a_busy_one_is_fine(cloud: Cloud) -> None:
    load(cloud, make_instance("m5.xlarge"), 95, BUSY)
    assert by_rule(cloud.ask(), RULE) == []


@pytest.mark.near_miss
@pytest.mark.parametrize(("kind", "cpu"), [("m5.xlarge", 40.1), ("t3.nano", 10)])
def test_just_above_the_limit_and_the_smallest_are_fine(cloud: Cloud, kind: str, cpu: float) -> None:
    load(cloud, make_instance(kind), cpu, BUSY)
    assert by_rule(cloud.ask(min_amount=0.1), RULE) == []


@pytest.mark.fault
def test_half_of_it_is_saved_and_an_idle_one_is_claimed_once(cloud: Cloud) -> None:
    large, idle = make_instance("m5.xlarge"), make_instance("m5.xlarge")
    load(cloud, large, 40, BUSY)
    load(cloud, idle, 1, 0)
    answer = cloud.ask()
    assert by_rule(answer, RULE) == [f"{REGION}/{large}"]
    assert cloud.rows(rule=RULE) == [(RULE, large, Decimal("70.08"), "list")]
    assert cloud.rows("resource, evidence -> 'also'", rule="idle_instances") == [(idle, [RULE])]


@pytest.mark.parametrize(
    ("kind", "half"), [("m5.large", "m5.medium"), ("m5.xlarge", "m5.large"), ("c5.24xlarge", "c5.12xlarge"), ("t3.nano", None)]
)
def test_the_next_smaller_size(kind: str, half: str | None) -> None:
    assert smaller(kind) == half
