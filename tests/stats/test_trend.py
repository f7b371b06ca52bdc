"""trend: a robust slope and the way to a limit."""

import pytest

from upkeep.stats.trend import slope, until


def test_a_straight_line() -> None:
    assert slope([(x, 3 * x + 7) for x in range(10)]) == pytest.approx(3)


def test_it_may_fall() -> None:
    assert slope([(0, 10), (1, 8), (2, 6)]) == pytest.approx(-2)


def test_one_wild_point_does_not_move_it() -> None:
    points = [(float(x), 2.0 * x) for x in range(14)]
    points[6] = (6.0, 10_000.0)
    assert slope(points) == pytest.approx(2)


def test_uneven_days() -> None:
    assert slope([(0, 0), (1, 1), (9, 9), (30, 30)]) == pytest.approx(1)


def test_no_slope_without_two_different_x() -> None:
    assert slope([]) is None
    assert slope([(1, 1)]) is None
    assert slope([(1, 1), (1, 2)]) is None


def test_until_a_limit() -> None:
    assert until(80, 100, 2) == pytest.approx(10)


def test_a_limit_already_reached() -> None:
    assert until(100, 100, -1) == 0


def test_never_when_it_does_not_grow() -> None:
    assert until(80, 100, 0) is None
    assert until(80, 100, -3) is None
