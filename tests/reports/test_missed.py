"""Gaps in words: windows that follow each other are one line, and days are those of the inventory's zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.reports.world import window
from upkeep.reports.missed import MissedRuns, missed
from upkeep.store.run_history import StoredRun
from upkeep.window import Window

UTC, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
NOW = window(30).end


def ran(day: int, *, reported: bool = True, hours_ago: float = 100) -> StoredRun:
    """A daily run."""
    return StoredRun("daily", window(day), NOW - timedelta(hours=hours_ago), reported)


def texts(due: list[int], *runs: StoredRun) -> list[str]:
    """What is said of these days."""
    return [gap.text for gap in missed("daily", [window(day) for day in due], runs, UTC, NOW)]


@pytest.mark.baseline
def test_nothing_is_missing() -> None:
    assert texts([], ran(3)) == []
    assert texts([2, 3], ran(2), ran(3)) == []


@pytest.mark.fault
def test_windows_that_follow_each_other_are_one_line() -> None:
    assert texts([1, 2, 3, 4, 5], ran(3)) == [
        "daily did not run for 2026-11-01 to 2026-11-02 (2 windows)",
        "daily did not run for 2026-11-04 to 2026-11-05 (2 windows)",
    ]


@pytest.mark.fault
def test_a_run_without_a_report_is_told_apart_from_no_run() -> None:
    assert texts([1, 2], ran(2, reported=False)) == [
        "daily did not run for 2026-11-01",
        "daily began, but never reported for 2026-11-02",
    ]


@pytest.mark.fault
def test_the_run_of_another_cadence_does_not_count() -> None:
    other = StoredRun("weekly", Window(window(1).start, window(7).end), NOW, reported=True)
    assert texts([2], other) == ["daily did not run for 2026-11-02"]


@pytest.mark.near_miss
def test_a_run_may_take_its_time() -> None:
    assert texts([1], ran(1, reported=False, hours_ago=22)) == []
    assert texts([1], ran(1, reported=False, hours_ago=24)) != []


def test_days_are_those_of_the_zone() -> None:
    start = datetime(2026, 11, 16, tzinfo=BERLIN)
    (gap,) = missed("weekly", [Window(start, start + timedelta(days=7))], [], BERLIN, NOW)
    assert gap == MissedRuns("weekly", date(2026, 11, 16), date(2026, 11, 22), windows=1)
