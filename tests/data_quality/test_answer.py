"""answer: statuses agree with findings."""

import pytest

from tests.data_quality.conftest import TODAY, Store, day, judge, only_failure


@pytest.mark.baseline
def test_one_of_each_status(good: Store) -> None:
    assert judge(good, "answer").passed


@pytest.mark.near_miss
def test_another_day_without_its_findings(good: Store) -> None:
    good.run("delete from upkeep.finding where window_end < %s", [day(TODAY).end])
    assert judge(good, "answer").passed


@pytest.mark.fault
def test_a_breach_without_a_finding(good: Store) -> None:
    with only_failure(good, "answer") as messages:
        good.run("delete from upkeep.finding")
    assert "upkeep.answer: every breach has a finding: 1 of 3 are not so (sequences about shop). " in messages[0]


@pytest.mark.fault
@pytest.mark.parametrize("status", ["ok", "unknown"])
def test_findings_of_what_is_no_breach(good: Store, status: str) -> None:
    with only_failure(good, "answer") as messages:
        good.run("update upkeep.answer set status = %s::upkeep.status", [status])
    assert "nothing but a breach has findings: 1 of 3 are not so (sequences about shop)" in messages[0]
