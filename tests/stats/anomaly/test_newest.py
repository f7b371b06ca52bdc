"""Newest: the middle, the share as large, and the tail beyond."""

import random

import pytest

from upkeep.stats.anomaly.newest import Newest


def of(values: list[float], most: int = 1000) -> Newest:
    newest = Newest(most)
    for value in values:
        newest.learn(value)
    return newest


def test_nothing_is_rare_where_nothing_is_known() -> None:
    assert of([]).chance(5.0) == 1
    assert of([]).median is None
    assert of([]).limit(0.05) == 0


@pytest.mark.parametrize(("values", "middle"), [([3], 3), ([1, 5], 3), ([9, 1, 2], 2), ([1, 1, 1, 100], 1)])
def test_the_middle(values: list[float], middle: float) -> None:
    assert of(values).median == middle


def test_the_oldest_is_forgotten() -> None:
    newest = of([100.0, 1, 2, 3], most=3)
    assert (len(newest), newest.largest, newest.median) == (3, 3, 2)


def test_within_what_was_seen_it_is_the_share_as_large() -> None:
    newest = of([float(n) for n in range(1, 100)])
    assert newest.chance(90) == pytest.approx(11 / 100)
    assert newest.chance(99) == pytest.approx(2 / 100)
    assert newest.chance(0.5) == 1


def test_beyond_it_grows_rarer_without_end() -> None:
    newest = of([float(n) for n in range(1, 100)])
    chances = [newest.chance(size) for size in (99, 100, 150, 300, 1e6)]
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] < 1e-6
    assert chances[-1] > 0


def test_a_long_tail_makes_large_things_less_rare() -> None:
    chance = random.Random("tails")  # noqa: S311 - noise, not a secret
    short = of([abs(chance.gauss(0, 1)) for _ in range(500)])
    long = of([chance.paretovariate(1.5) for _ in range(500)])
    assert short.chance(3 * short.largest) < 1e-4 < long.chance(3 * long.largest)


def test_normal_values_are_never_told_rarer_than_they_are() -> None:
    """The tail is longer than a normal one: four deviations are told as one in a thousand, never as one in a hundred thousand."""
    chance = random.Random("normal")  # noqa: S311 - noise, not a secret
    told = []
    for _ in range(40):
        newest = of([abs(chance.gauss(0, 1)) for _ in range(300)])
        told.append(newest.chance(4.0))
    told.sort()
    assert 6.3e-5 < told[4] < told[20] < 2e-3


def test_what_differs_from_a_flat_line_is_as_rare_as_can_be() -> None:
    assert of([0.0] * 50).chance(0.01) < 1e-9
    assert of([0.0] * 50).chance(0.0) == 1


def test_the_limit_of_what_is_usual() -> None:
    assert of([float(n) for n in range(1, 101)]).limit(0.05) == 95
