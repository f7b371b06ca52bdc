"""What a log covers of a window."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from upkeep.errors import CannotAskError
from upkeep.formats.log_coverage import DISORDER, Coverage, born
from upkeep.formats.log_entries import Entry
from upkeep.formats.log_prefix import Clock

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


LOST = b"bob LOG:  duration: 1.000 ms  statement: select hunter2"


def read(coverage: Coverage, hours: dict[float, tuple[int, int, int]]) -> None:
    """Read an entry at each hour, before which lines were counted: told, lost, foreign."""

    def entries() -> Iterator[Entry]:
        for hour, (told, lost, foreign) in hours.items():
            for _ in range(told):
                coverage.reading.fit(told=True)
            for line in [LOST] * lost + [b"cp: cannot stat hunter2"] * foreign:
                coverage.reading.misfit(line, Clock("UTC"))
            yield entry(hour * 3600, "")

    list(coverage.inside(entries()))


@pytest.mark.parametrize(
    ("hours", "fits"),
    [
        ({1: (99, 1, 0)}, True),
        ({1: (98, 2, 0)}, False),
        ({-1: (10, 90, 0), 1: (100, 0, 0)}, True),
        ({1: (100, 0, 0), 5: (10, 90, 0)}, True),
        ({1: (100, 0, 0), 3: (0, 0, 100)}, True),
        ({1: (100, 0, 0), 3: (0, 0, 101)}, False),
        ({}, True),
    ],
)
def test_lines_of_the_window_decide(hours: dict[float, tuple[int, int, int]], *, fits: bool) -> None:
    coverage = Coverage(AT, AT + timedelta(hours=4))
    read(coverage, hours)
    if fits:
        coverage.require_fitted(0.01)
        return
    with pytest.raises(CannotAskError, match=r"do not fit|no server's") as error:
        coverage.require_fitted(0.01)
    assert "hunter2" not in str(error.value)
    assert "bob" not in str(error.value)


def test_lines_at_the_end_that_have_no_time_are_of_the_window() -> None:
    coverage = Coverage(AT, AT + timedelta(hours=4))

    def entries() -> Iterator[Entry]:
        yield entry(60, "")
        coverage.reading.misfit(LOST, Clock("UTC"))

    list(coverage.inside(entries()))
    with pytest.raises(CannotAskError, match=r"1 of 1 durations .*`aaa LOG:  duration: 0.000 ms  statement: aaaaaa aaaaaa0`"):
        coverage.require_fitted(0.01)
