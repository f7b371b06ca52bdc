"""counters: every way in which two readings can relate."""

from datetime import UTC, datetime, timedelta

import pytest

from upkeep.stats.counters import Reading, Rise, compare, rise, was_reset

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours: float, value: float, *, since: float | None = None, pace: float = 0) -> Reading:
    """A reading so many hours after noon."""
    return Reading(value, NOON + hours * HOUR, None if since is None else NOON + since * HOUR, pace)


def test_two_readings() -> None:
    assert rise(at(0, 10), at(24, 15)) == Rise(5, 24 * HOUR)


def test_a_rate_per_day() -> None:
    risen = rise(at(0, 10), at(12, 15))
    assert risen is not None
    assert risen.per_day == pytest.approx(10)


def test_the_first_reading_counts_from_the_last_reset() -> None:
    assert rise(None, at(0, 10, since=-48)) == Rise(10, 48 * HOUR)


def test_a_first_reading_without_a_beginning_tells_nothing() -> None:
    assert rise(None, at(0, 10)) is None


def test_a_first_reading_of_nothing_is_nothing() -> None:
    assert rise(None, at(0, 0)) == Rise(0, timedelta())
    assert Rise(0, timedelta()).per_day == 0


def test_a_reset_that_the_server_tells() -> None:
    assert rise(at(0, 10, since=-5), at(24, 40, since=20)) == Rise(40, 4 * HOUR, complete=False)


def test_the_first_reset_ever() -> None:
    assert rise(at(0, 10), at(24, 40, since=20)) == Rise(40, 4 * HOUR, complete=False)


def test_a_counter_that_went_down() -> None:
    assert rise(at(0, 10), at(24, 3)) == Rise(3, 24 * HOUR, complete=False)


def test_a_crash_that_only_the_pace_shows() -> None:
    before, now = at(0, 2, pace=1_000_000), at(24, 3, pace=5_000)
    assert was_reset(before, now)
    assert rise(before, now) == Rise(3, 24 * HOUR, complete=False)


def test_an_unchanged_reset_time_is_no_reset() -> None:
    assert rise(at(0, 10, since=-5), at(24, 40, since=-5)) == Rise(30, 24 * HOUR)


def test_a_reading_of_the_same_moment_is_no_earlier_one() -> None:
    assert rise(at(0, 10, since=-24), at(0, 10, since=-24)) == Rise(10, 24 * HOUR)


def test_text_says_when_it_is_the_least() -> None:
    assert Rise(1, 24 * HOUR).text == "in 24.0 h"
    assert "at least" in Rise(1, 24 * HOUR, complete=False).text


def test_readings_survive_json() -> None:
    reading = at(0, 7, since=-3, pace=9)
    assert Reading.recall(reading.remember()) == reading
    assert Reading.recall(at(0, 7).remember()) == at(0, 7)
    assert Reading.recall(None) is None
    assert Reading.recall({"something": "else"}) is None


def test_a_reset_time_that_the_server_has_forgotten_means_a_crash() -> None:
    assert rise(at(0, 2, since=-5), at(24, 9)) == Rise(9, 24 * HOUR, complete=False)


def test_many_counters_at_once() -> None:
    first = compare(None, {"known": at(0, 0), "new": at(0, 5)})
    assert (list(first.known), first.unseen) == (["known"], ("new",))
    second = compare(first.state, {"known": at(24, 3), "new": at(24, 9)})
    assert second.known == {"known": Rise(3, 24 * HOUR), "new": Rise(4, 24 * HOUR)}
