"""forecast_errors: what was missed by, and how much it is worth."""

from dataclasses import dataclass

import pytest

from tests.stats.made import steady, wandering
from upkeep.stats.forecast_errors import errors_at, growth, mean_miss, missed, quantile, spread, tried


@dataclass(frozen=True)
class Naive:
    """Expects the last value for ever."""

    place: int
    level: float

    def ahead(self, _steps: int) -> float:
        """The last value."""
        return self.level


def _naive(values: list[float]) -> list[Naive]:
    return [Naive(place, values[place]) for place in range(10, len(values))]


def test_quantiles_have_one_place_more() -> None:
    ordered = [float(n) for n in range(1, 10)]
    assert [quantile(ordered, share) for share in (0.1, 0.5, 0.9)] == [1, 5, 9]
    assert quantile(ordered, 0.99) == 9
    assert quantile([4.0], 0.1) == 4


def test_errors_of_a_horizon() -> None:
    assert errors_at([1.0, 2.0, None, 7.0], [Naive(0, 1.0), Naive(1, 2.0)], 2) == [5.0]


def test_horizons_grow_and_end_with_a_third_of_the_past() -> None:
    assert tried(60, 365)[:4] == [1, 2, 3, 4]
    assert tried(60, 365)[-1] == 20
    assert tried(60, 5) == [1, 2, 3, 4, 5]
    assert tried(1, 5) == [1]


def test_the_better_one_misses_less() -> None:
    values = steady(60)
    mean = [Naive(place, 1000.0) for place in range(10, 60)]
    assert mean_miss(values, mean, 20) < mean_miss(values, _naive(values), 20)


def test_no_farther_horizon_is_foretold_better() -> None:
    spreads = [spread(errors) for _, errors in missed(steady(90), _naive(steady(90)), 30)]
    assert spreads[-1] >= spreads[0]


def test_overlapping_errors_are_widened_more() -> None:
    def factor(values: list[float]) -> float:
        h, errors = missed(values, _naive(values), 20)[-1]
        return spread(errors) / spread(errors_at(values, _naive(values), h))

    assert 1 <= factor([float(n * 7919 % 101) for n in range(90)]) < factor(wandering(90))


def test_errors_of_a_walk_grow_as_a_root_and_more() -> None:
    assert 0.5 <= growth(missed(wandering(200), _naive(wandering(200)), 60)) <= 1


def test_too_few_errors_are_none() -> None:
    assert missed([1.0, 2.0], [Naive(0, 1.0)], 5) == []


def test_nothing_missed() -> None:
    assert growth(missed([5.0] * 60, _naive([5.0] * 60), 20)) == pytest.approx(0.5)
