"""Minutes: what nobody saw stays unknown, counts add up, hours hold sixty."""

from datetime import UTC, datetime, timedelta

import pytest

from upkeep.signals.minutes import Minute, Minutes
from upkeep.signals.place import Told
from upkeep.signals.records import GoldenSignal, hours

NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)


def test_an_unseen_minute_is_no_quiet_one() -> None:
    unseen = Minutes.unseen(NOON, 3)
    quiet = Minutes(NOON, (Minute(0),) * 3)
    assert (unseen.seen, unseen.coverage) == (0, 0.0)
    assert (quiet.seen, quiet.coverage) == (3, 1.0)


def test_no_minutes_have_no_coverage() -> None:
    assert Minutes(NOON, ()).coverage == 0.0


def test_the_total_is_of_what_was_seen() -> None:
    minutes = Minutes(NOON, (Minute(10, 1, 2, 3, 4), None, Minute(5, 0, 1, 0, 2)))
    assert minutes.total == Minute(15, 1, 3, 3, 6)


def test_slow_is_unknown_when_it_is_of_one_minute() -> None:
    assert Minutes(NOON, (Minute(10, slow=1), Minute(5))).total.slow is None


@pytest.mark.parametrize("start", [NOON + timedelta(seconds=1), NOON + timedelta(microseconds=1), NOON.replace(tzinfo=None)])
def test_minutes_begin_at_a_whole_minute(start: datetime) -> None:
    with pytest.raises(ValueError, match="minutes begin at a whole minute with its zone"):
        Minutes(start, ())


def test_hours_are_filled_up_with_what_nobody_saw() -> None:
    minutes = Minutes(NOON + timedelta(minutes=58), (Minute(1), Minute(2), Minute(3)))
    (first, at_noon), (second, at_one) = minutes.hours()
    assert (first, second) == (NOON, NOON + timedelta(hours=1))
    assert at_noon == (None,) * 58 + (Minute(1), Minute(2))
    assert at_one == (Minute(3), *(None,) * 59)


def test_a_whole_hour_is_one() -> None:
    assert [len(each) for _, each in Minutes(NOON, (Minute(1),) * 60).hours()] == [60]


def test_rows_are_of_hours_in_which_something_was_seen() -> None:
    minutes = Minutes(NOON, (None,) * 60 + (Minute(0, slow=0),) + (None,) * 59 + (Minute(7, 1),) * 2)
    rows = list(hours(minutes))
    assert [row.hour.hour for row in rows] == [13, 14]
    assert rows[0].requests == [0, *[None] * 59]
    assert rows[0].slow == [0, *[None] * 59]
    assert rows[1].errors == [1, 1, *[None] * 58]
    assert rows[1].slow == [None] * 60


def test_the_row_of_a_window_has_what_was_seen() -> None:
    row = GoldenSignal.of(Told(Minutes(NOON, (Minute(10, 1, 2, 3, 4), None))), 0.5)
    assert (row.requests, row.errors, row.refused, row.closed, row.slow) == (10, 1, 2, 3, 4)
    assert (row.minutes, row.minutes_seen, row.slow_limit, row.p95_low, row.p95_high) == (2, 1, 0.5, None, None)
