"""rank_interval: a percentile by rank, and how far chance moves it."""

import random

from upkeep.stats.rank_interval import RankInterval, rank_interval


def test_of_nothing_there_is_none() -> None:
    assert rank_interval([], 0.75) is None


def test_it_is_the_least_value_that_so_many_reach() -> None:
    assert rank_interval([(3, 1), (1, 1), (2, 1), (4, 1)], 0.75) == RankInterval(3, 1, 4, 4)
    assert rank_interval([(1, 75), (9, 25)], 0.75) == RankInterval(1, 1, 9, 100)


def test_the_true_percentile_lies_inside_in_about_95_of_100_samples() -> None:
    rng = random.Random(5)  # noqa: S311 - made-up numbers
    inside = 0
    for _ in range(400):
        found = rank_interval([(rng.random(), 1) for _ in range(300)], 0.75)
        inside += found is not None and found.low <= 0.75 <= found.high
    assert 370 <= inside <= 396
