"""Usual values of like days, and what is beyond their noise."""

import random
from datetime import UTC, datetime, timedelta

from upkeep.stats.regression import Sample, missing_days, usual, weekday_of

AT = datetime(2026, 11, 24, 0, 5, tzinfo=UTC)  # a Tuesday: the day it is about is Monday


def weekly(*values: float) -> list[Sample]:
    return [(AT - timedelta(weeks=i + 1), value) for i, value in enumerate(values)]


def test_a_day_asked_about_just_after_midnight() -> None:
    assert weekday_of(AT) == 0
    assert weekday_of(AT - timedelta(minutes=5)) == 0


def test_too_little_history() -> None:
    assert usual(weekly(1, 2), AT) is None
    assert missing_days([AT, AT + timedelta(minutes=1), AT + timedelta(days=1)]) == 5


def test_the_same_weekday_goes_first() -> None:
    others = [(AT - timedelta(days=d), 100.0) for d in range(1, 7)]
    found = usual(weekly(10, 11, 9) + others, AT)
    assert found
    assert found.weekday
    assert round(found.centre, 6) == 10
    assert found.n == 3


def test_any_week_when_the_weekday_is_rare() -> None:
    found = usual([(AT - timedelta(days=d), 10.0) for d in range(1, 8)], AT)
    assert found
    assert not found.weekday


def test_a_floor_under_the_noise() -> None:
    found = usual(weekly(10, 10, 10), AT)
    assert found
    assert 15 < found.limit(4) < 20


def test_zeros_are_no_history() -> None:
    assert usual(weekly(0, 0, 0), AT) is None


def test_false_alarms_stay_below_one_in_two_hundred() -> None:
    rng = random.Random(1)  # noqa: S311 - noise for a test
    for sigma in (0.05, 0.2, 0.4):
        alarms = 0
        for _ in range(500):
            days = [(AT - timedelta(days=d), rng.lognormvariate(2, sigma)) for d in range(1, 29)]
            found = usual(days, AT)
            assert found
            alarms += rng.lognormvariate(2, sigma) > found.limit(4)
        assert alarms <= 2
