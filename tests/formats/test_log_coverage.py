"""What a log covers of a window."""

from datetime import UTC, datetime, timedelta

from upkeep.formats.log_coverage import DISORDER, Coverage, born
from upkeep.formats.log_entries import Entry

AT = datetime(2026, 11, 1, tzinfo=UTC)


def entry(seconds: float, message: str, session: str = "1") -> Entry:
    return Entry(AT + timedelta(seconds=seconds), message, session, "u", "d")


def test_coverage() -> None:
    coverage = Coverage(AT, AT + timedelta(hours=4))
    off, on = (f'parameter "log_min_duration_statement" changed to "{value}"' for value in (-1, 100))
    entries = [entry(-5, "x"), entry(0, "a"), entry(60, off), entry(3660, on), entry(3700, "b"), entry(14400, "after")]
    assert [e.message for e in coverage.inside(entries)] == ["a", off, on, "b"]
    assert coverage.reaches_back(AT, timedelta(0))
    assert coverage.durations_off == timedelta(hours=1)
    begin, end = coverage.silence(AT)
    assert (begin - AT, end - AT) == (timedelta(minutes=61), timedelta(hours=4))
    assert born(7_500_000_000_000_000_000).year == 2025


def test_reading_ends_soon_after_the_window() -> None:
    coverage = Coverage(AT, AT + timedelta(hours=1))
    late = (entry(3600 + second, "late") for second in range(10_000))
    assert list(coverage.inside(late)) == []
    assert next(late).at == AT + timedelta(hours=1) + DISORDER + timedelta(seconds=1)


def test_a_log_of_nothing_reaches_nowhere_and_is_silent_all_the_time() -> None:
    coverage = Coverage(AT, AT + timedelta(hours=1))
    assert list(coverage.inside([])) == []
    assert not coverage.reaches_back(AT, timedelta(days=9))
    assert coverage.silence(AT) == (AT, AT + timedelta(hours=1))
