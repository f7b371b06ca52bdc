"""report: a report counts what the rows say."""

import pytest

from tests.data_quality.conftest import TODAY, UNKNOWN, Store, day, judge, only_failure, put, put_good
from upkeep.reports.run import build, publish
from upkeep.window import Cadence


def reported(store: Store, number: int) -> None:
    publish(store.connection, build(store.connection, Cadence.DAILY, day(number), None))


@pytest.mark.baseline
def test_a_report_made_of_the_rows(good: Store) -> None:
    reported(good, TODAY - 1)
    assert judge(good, "report").passed


@pytest.mark.near_miss
def test_this_windows_report_is_made_after_the_gate(good: Store) -> None:
    reported(good, TODAY)
    put(good, UNKNOWN, TODAY)
    assert judge(good, "report").passed


@pytest.mark.near_miss
def test_an_older_report_and_one_that_was_made_again(good: Store) -> None:
    reported(good, TODAY - 2)
    reported(good, TODAY - 1)
    good.run("delete from upkeep.answer where window_end = %s", [day(TODAY - 2).end])
    put(good, UNKNOWN, TODAY - 1)
    reported(good, TODAY - 1)
    assert judge(good, "report").passed
    put_good(good, TODAY)


@pytest.mark.fault
def test_rows_that_changed_after_their_report(good: Store) -> None:
    with only_failure(good, "report") as messages:
        reported(good, TODAY - 1)
        put(good, UNKNOWN, TODAY - 1)
    assert messages[0].startswith("upkeep.report: the report of the window before counts as many answers of each status")
    assert "it says 1 breach, there are 0; " in messages[0]
    assert "it says 1 unknown, there are 2" in messages[0]
    assert messages[0].endswith("clear the task report of that window's run")
