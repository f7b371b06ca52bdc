"""Minutes before and after a deployment: whole, cut by others, and only those that were seen."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from upkeep.delivery.beside import Counts, Seen, Span, before_and_after, counted

NINE = datetime(2026, 5, 14, 9, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


@dataclass(frozen=True)
class One:
    """A deployment in time."""

    started_at: datetime
    finished_at: datetime


def one(start: float, end: float) -> One:
    return One(at(start), at(end))


def test_the_minutes_of_the_deployment_itself_count_nowhere() -> None:
    assert before_and_after(one(0.5, 4.2), [], 60) == (Span(at(-60), at(0)), Span(at(5), at(65)), [])
    assert before_and_after(one(0, 4), [], 60)[1] == Span(at(4), at(64))


def test_another_one_cuts_and_is_named() -> None:
    earlier, later = one(-30, -20.5), one(30.5, 33)
    before, after, cut = before_and_after(one(0, 4), [earlier, later], 60)
    assert (before, after, cut) == (Span(at(-20), at(0)), Span(at(4), at(30)), [earlier, later])


def test_one_far_away_does_not() -> None:
    assert before_and_after(one(0, 4), [one(-80, -70), one(70, 72)], 60)[2] == []


def test_two_at_once_are_named_and_leave_what_is_neithers() -> None:
    before, after, cut = before_and_after(one(0, 4), [one(1, 5)], 60)
    assert (before.minutes, cut) == (60, [one(1, 5)])
    assert after.minutes == 60


def test_one_right_after_leaves_no_minute() -> None:
    for start in (4, 4.5):
        assert before_and_after(one(0, 4), [one(start, 6)], 60)[1].minutes == 0


def seen(*minutes: tuple[int, int, int | None]) -> dict[datetime, Seen]:
    return {at(place): Seen(*each) for place, each in enumerate(minutes)}


def test_a_minute_that_nobody_saw_is_no_quiet_one() -> None:
    found = counted(Span(at(0), at(4)), {at(0): Seen(10, 1, 2), at(3): Seen(0, 0, 0)})
    assert found == Counts(minutes=4, seen=2, requests=10, errors=1, slow=2, outage=None)


def test_slow_is_known_only_where_every_minute_tells() -> None:
    assert counted(Span(at(0), at(2)), seen((10, 0, 1), (10, 0, None))).slow is None
    assert counted(Span(at(0), at(2)), {}).slow is None


def test_an_outage_is_five_minutes_on_end() -> None:
    down, up = (10, 5, 0), (10, 4, 0)
    assert counted(Span(at(0), at(9)), seen(up, down, down, down, down, up, down)).outage is None
    assert counted(Span(at(0), at(9)), seen(up, down, down, down, down, down, up)).outage == at(1)
    assert counted(Span(at(0), at(9)), seen(*[(0, 0, 0)] * 9)).outage is None
