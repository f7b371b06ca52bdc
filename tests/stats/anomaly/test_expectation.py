"""Expectation: medians of the newest, place by place."""

from datetime import UTC, datetime, timedelta

import pytest

from upkeep.stats.anomaly.expectation import Expectation, Season

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEKDAY = Season(datetime.weekday, visits=4)


def after(values: list[float], recent: int = 7, season: Season | None = None) -> tuple[Expectation, datetime]:
    """What is expected after these days, and the day after."""
    expectation = Expectation(recent, season)
    for day, value in enumerate(values):
        expectation.learn(START + timedelta(days=day), value)
    return expectation, START + timedelta(days=len(values))


def test_nothing_is_expected_of_nothing() -> None:
    assert Expectation(7).of(START) is None


def test_a_wild_value_moves_nothing() -> None:
    expectation, then = after([10, 11, 10, 9000, 10, 11, 10])
    assert expectation.of(then) == 10


def test_a_new_level_is_learned_once_half_lies_on_it() -> None:
    expectation, then = after([10.0] * 20 + [50.0] * 3)
    assert expectation.of(then) == 10
    expectation, then = after([10.0] * 20 + [50.0] * 4)
    assert expectation.of(then) == 50


def test_a_weekday_is_expected_at_its_own_height_once_it_was_there_twice() -> None:
    week = [100.0, 100, 100, 100, 100, 20, 20]
    expectation, then = after(week, season=WEEKDAY)
    assert expectation.of(then) is None
    expectation, _ = after(week * 3, season=WEEKDAY)
    messages = [expectation.of(START + timedelta(days=21 + day)) for day in range(7)]
    assert messages == week


def test_a_shifted_week_is_expected_at_its_new_height_before_each_weekday_came_again() -> None:
    week = [100.0, 100, 100, 100, 100, 20, 20]
    expectation, then = after(week * 4 + [150.0] * 5, season=WEEKDAY)
    assert expectation.of(then) == pytest.approx(70)
