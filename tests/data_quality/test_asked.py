"""asked: one answer each, after its window, of this run."""

from datetime import timedelta

import pytest

from tests.data_quality.conftest import EXPECTED, TODAY, Store, day, judge, only_failure
from upkeep.checks.database.slow_queries import slow_queries
from upkeep.data_quality.gate import validate
from upkeep.data_quality.suite import found
from upkeep.window import Cadence

SUITE = [suite for suite in found() if suite.name == "asked"]
RUN = """
    insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)
    values ('daily', %s, %s, 'daily', 'r', 'scheduled', 't', %s)
"""


def run_that_began(store: Store, after: timedelta) -> None:
    """A run of today that began this long after today's answers."""
    store.run(RUN, [day(TODAY).start, day(TODAY).end, day(TODAY).end + timedelta(minutes=1) + after])


@pytest.mark.baseline
def test_each_has_one_answer(good: Store) -> None:
    run_that_began(good, timedelta(seconds=-30))
    assert judge(good, "asked").passed


@pytest.mark.fault
def test_one_without_an_answer_is_named(good: Store) -> None:
    with only_failure(good, "asked") as messages:
        good.run("delete from upkeep.answer where target = 'other' and window_end = %s", [day(TODAY).end])
    assert "exactly one answer: 1 of 3 are not so (sequences about other). Clear the task" in messages[0]


@pytest.mark.near_miss
def test_clocks_may_differ_by_minutes(good: Store) -> None:
    good.run("update upkeep.answer set asked_at = window_end - interval '4 minutes'")
    assert judge(good, "asked").passed


@pytest.mark.fault
def test_an_answer_before_its_window_ended(good: Store) -> None:
    with only_failure(good, "asked") as messages:
        good.run("update upkeep.answer set asked_at = window_end - interval '6 minutes' where target = 'shop'")
    assert "after its window had ended: 1 of 3 are not so (sequences about shop)" in messages[0]


@pytest.mark.near_miss
def test_an_answer_about_the_present_may_be_an_earlier_runs(good: Store) -> None:
    run_that_began(good, timedelta(days=3))
    assert not EXPECTED[0][0].dated
    assert judge(good, "asked").passed


@pytest.mark.fault
def test_a_dated_answer_of_an_earlier_run(good: Store) -> None:
    good.run("update upkeep.answer set duty = 'slow_queries' where status <> 'breach'")
    expected = [(slow_queries, target) for _, target in EXPECTED if target.name != "shop"]
    run_that_began(good, timedelta(minutes=4))
    assert validate(good.connection, Cadence.DAILY, day(TODAY), expected, SUITE).passed
    good.run("update upkeep.run set started_at = started_at + interval '2 minutes'")
    (failure,) = validate(good.connection, Cadence.DAILY, day(TODAY), expected, SUITE).failures
    assert "older than this run: 2 of 2 are not so (slow_queries about other; slow_queries about third)" in failure
