"""One clock: what makes a fault due, and what stops it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from upkeep.advisories.clock import Pause, clock, remediation
from upkeep.answer import Severity

SEEN = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 10, tzinfo=UTC)


def day(number: int) -> datetime:
    return SEEN + timedelta(days=number)


@pytest.mark.parametrize(
    ("severity", "days"), [(Severity.CRITICAL, 7), (Severity.HIGH, 30), (Severity.MEDIUM, 90), (Severity.LOW, 120)]
)
def test_days_of_the_severity_count_from_first_seen(severity: Severity, days: int) -> None:
    found = clock(severity, SEEN, NOW)
    assert found.due_at == day(days)
    assert found.overdue(day(days) + timedelta(seconds=1))
    assert not found.overdue(day(days))


def test_days_may_be_set() -> None:
    strict = dict.fromkeys(Severity, 2.0)
    assert clock(Severity.LOW, SEEN, NOW, days=strict).due_at == day(2)


def test_the_catalogues_day_counts_when_it_is_earlier() -> None:
    found = clock(Severity.HIGH, SEEN, NOW, exploited_due=date(2026, 3, 15))
    assert (found.due_at, found.why) == (day(15) - timedelta(seconds=1), "known to be exploited, due on 2026-03-15")
    assert not found.overdue(datetime(2026, 3, 15, 23, 59, tzinfo=UTC)), "that day is not over"


def test_the_severitys_days_count_when_they_are_earlier() -> None:
    assert clock(Severity.CRITICAL, SEEN, NOW, exploited_due=date(2026, 5, 1)).due_at == day(7)


def test_a_catalogues_day_before_it_was_seen_is_overdue_at_once() -> None:
    assert clock(Severity.LOW, SEEN, NOW, exploited_due=date(2021, 12, 24)).overdue(SEEN)


def test_while_it_is_accepted_nothing_is_due() -> None:
    for pause in (Pause(day(2), day(20)), Pause(day(2), None)):
        found = clock(Severity.CRITICAL, SEEN, NOW, exploited_due=date(2026, 3, 5), pauses=[pause])
        assert (found.due_at, found.paused, found.overdue(day(99))) == (None, True, False)


def test_the_end_of_a_pause_lets_it_run_on() -> None:
    after = clock(Severity.CRITICAL, SEEN, day(30), pauses=[Pause(day(2), day(20))])
    assert after.due_at == day(25), "two days had run; five are left"
    assert clock(Severity.CRITICAL, SEEN, day(30), pauses=[Pause(day(-5), day(20))]).due_at == day(27), (
        "it began before it was seen"
    )


def test_a_pause_that_began_too_late_or_not_yet_changes_nothing() -> None:
    assert clock(Severity.CRITICAL, SEEN, day(30), pauses=[Pause(day(10), day(20))]).due_at == day(7)
    assert clock(Severity.CRITICAL, SEEN, day(30), pauses=[Pause(day(7), day(20))]).due_at == day(7), "it was due by then"
    assert clock(Severity.CRITICAL, SEEN, NOW, pauses=[Pause(day(20), day(30))]).due_at == day(7)


def test_pauses_that_overlap_count_once() -> None:
    pauses = [Pause(day(4), day(12)), Pause(day(2), day(10))]
    assert clock(Severity.CRITICAL, SEEN, day(30), pauses=pauses).due_at == day(17)


def test_no_pause_moves_the_catalogues_day() -> None:
    found = clock(Severity.CRITICAL, SEEN, day(30), exploited_due=date(2026, 3, 5), pauses=[Pause(day(2), day(20))])
    assert found.due_at == day(5) - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], None),
        ([3], (3, 3)),
        ([1, 2], (1.5, 2)),
        ([5, 1, 3], (3, 5)),
        (list(range(1, 11)), (5.5, 9)),
        (list(range(1, 21)), (10.5, 18)),
    ],
)
def test_times_of_mending(days: list[float], expected: tuple[float, float] | None) -> None:
    assert remediation(days) == expected
