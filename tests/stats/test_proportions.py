"""Two shares compared: published examples, and what must hold of every pair."""

from itertools import product

import pytest

from upkeep.stats.proportions import Share, difference, wilson


@pytest.mark.parametrize(
    ("after", "before", "low", "high"),
    [
        # Newcombe 1998, table II, method 10, at 95 %.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
    ],
)
def test_published_intervals(after: tuple[int, int], before: tuple[int, int], low: float, high: float) -> None:
    found = difference(Share(*before), Share(*after), 0.95)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_a_published_interval_of_one_share() -> None:
    # Newcombe 1998, two-sided intervals for the single proportion, method 3.
    assert [round(bound, 4) for bound in wilson(Share(81, 263), 0.95)] == [0.2553, 0.3662]
    assert [round(bound, 4) for bound in wilson(Share(0, 20), 0.95)] == [0.0, 0.1611]


def test_the_pooled_test() -> None:
    # 45 of 120 against 27 of 150: z = 3.59 by hand.
    found = difference(Share(27, 150), Share(45, 120))
    assert found.value == pytest.approx(0.195)
    assert found.p == pytest.approx(0.000328, abs=2e-5)


def test_the_same_share_is_no_difference() -> None:
    found = difference(Share(0, 500), Share(0, 1000))
    assert (found.value, found.p) == (0, 1)
    assert found.low < 0 < found.high


@pytest.mark.parametrize(("a", "b"), list(product([Share(0, 3), Share(2, 50), Share(40, 900), Share(3, 3)], repeat=2)))
def test_the_other_way_round_is_the_same_with_its_sign(a: Share, b: Share) -> None:
    there, back = difference(a, b), difference(b, a)
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert there.p == pytest.approx(back.p)
    assert there.low <= there.value <= there.high


@pytest.mark.parametrize("counts", [(1, 0), (0, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is no share"):
        Share(*counts)
