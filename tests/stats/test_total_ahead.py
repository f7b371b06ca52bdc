"""Totals ahead: exact on what repeats, wide on what swings, silent on what is short."""

import random

import pytest

from upkeep.stats.total_ahead import needed, total_ahead

WEEK = [10.0, 20.0, 30.0, 40.0, 50.0, 5.0, 1.0]


@pytest.mark.parametrize("days", [1, 7, 13])
def test_what_repeats_by_week_is_foretold_exactly(days: int) -> None:
    found = total_ahead(WEEK * 10, days)
    assert found
    assert found.low == found.middle == found.high == sum((WEEK * 2)[:days])


def test_no_days_add_up_to_nothing() -> None:
    found = total_ahead([1.0], 0)
    assert found
    assert (found.low, found.middle, found.high) == (0, 0, 0)


@pytest.mark.parametrize("days", [1, 10, 20])
def test_a_past_that_is_too_short_tells_nothing(days: int) -> None:
    assert total_ahead([1.0] * (needed(days) - 1), days) is None
    assert total_ahead([1.0] * needed(days), days) is not None


def test_one_dear_day_moves_the_middle_little() -> None:
    found = total_ahead([*[10.0] * 60, 5000.0, *[10.0] * 6], 7)
    assert found
    assert found.middle == 70


def test_intervals_hold_about_as_often_as_they_say() -> None:
    chance = random.Random(7)  # noqa: S311 - a fixed series
    held = 0
    for _ in range(200):
        values = [100 + chance.gauss(0, 10) for _ in range(130)]
        found = total_ahead(values[:120], 10)
        held += bool(found and found.low <= sum(values[120:]) <= found.high)
    assert 130 <= held <= 195, held
