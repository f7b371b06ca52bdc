"""back_test: how often intervals held."""

from tests.stats.made import series, straight, weekly
from upkeep.stats.back_test import Coverage, back_test, total


def test_a_calm_past_is_foretold() -> None:
    found = back_test(series(straight(120)), (7, 30))
    assert [one.steps for one in found] == [7, 30]
    assert all(one.n >= 14 and one.share and one.share >= 0.65 for one in found)


def test_a_past_that_breaks_is_not_hidden() -> None:
    """Growth that nobody could foresee: forecasts from before it did not hold."""
    values = [*weekly(60), *(1100 + 40 * day for day in range(60))]
    far = back_test(series(values), (30,))[0]
    assert far.share is not None
    assert far.share < 0.8


def test_what_came_later_is_not_used() -> None:
    calm = straight(60)
    one, other = (back_test(series([*calm, *later]), (7,), origins=40)[0] for later in (straight(9), [9e9] * 9))
    assert one.held - other.held <= 9
    assert one.n == other.n


def test_too_short_for_a_horizon() -> None:
    assert back_test(series(straight(40)), (7, 30))[1].n == 0
    assert back_test(series(straight(15)), (7,)) == [Coverage(7, 0, 0)]
    assert Coverage(7, 0, 0).share is None


def test_a_gap_is_not_judged() -> None:
    values: list[float | None] = list(straight(90))
    values[50:80] = [None] * 30
    found = back_test(series(values), (7,), origins=80)[0]
    assert 0 < found.n < 60


def test_all_together() -> None:
    assert total([Coverage(7, 10, 8), Coverage(30, 0, 0), Coverage(14, 10, 7)]) == Coverage(14, 20, 15)
