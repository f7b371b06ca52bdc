"""smoothing: level, trend and season, value by value."""

from math import inf

import pytest

from upkeep.stats.smoothing import Speeds, Trend, follow


def _line(n: int) -> list[float | None]:
    return [10.0 + 2 * day for day in range(n)]


@pytest.mark.parametrize("trend", [Trend.HOLT, Trend.MEDIAN, Trend.MEAN])
def test_a_line_goes_on(trend: Trend) -> None:
    end = follow(_line(40), Speeds(0.3, trend, 0.1), 10, inf)[-1]
    assert end.ahead(1) == pytest.approx(90, rel=0.02)
    assert end.ahead(30) == pytest.approx(148, rel=0.05)


def test_without_a_trend_it_stays() -> None:
    end = follow([5.0] * 40, Speeds(0.3), 10, inf)[-1]
    assert (end.ahead(1), end.ahead(100)) == (5, 5)


def test_one_state_after_each_place() -> None:
    assert [state.place for state in follow(_line(14), Speeds(0.3), 10, inf)] == [9, 10, 11, 12, 13]


def test_a_damped_trend_ends() -> None:
    end = follow(_line(40), Speeds(0.9, Trend.HOLT, 0.3, damping=0.5), 10, inf)[-1]
    assert end.ahead(1000) - end.ahead(100) == pytest.approx(0, abs=1e-6)


def test_a_season_is_known() -> None:
    values = [float(100 + (50 if day % 7 < 5 else 0)) for day in range(56)]
    end = follow(values, Speeds(0.1, season=7, seasonal=0.2), 14, inf)[-1]
    assert [round(end.ahead(steps)) for steps in range(1, 8)] == [150, 150, 150, 150, 150, 100, 100]


def test_a_wild_value_moves_little() -> None:
    calm = [100.0 + (day % 3) for day in range(40)]
    wild = [*calm, 5_000.0]
    assert follow(wild, Speeds(0.9), 10, inf)[-1].ahead(1) < 110


def test_a_new_level_is_followed() -> None:
    values = [100.0 + (day % 3) for day in range(40)] + [500.0 + (day % 3) for day in range(40)]
    assert follow(values, Speeds(0.3), 10, inf)[-1].ahead(1) == pytest.approx(501, abs=3)


def test_a_gap_is_filled_with_what_was_expected() -> None:
    values = [*_line(30), None, None, None, 76.0]
    assert follow(values, Speeds(0.3, Trend.MEDIAN), 10, inf)[-1].ahead(1) == pytest.approx(78, rel=0.02)


def test_the_trend_has_a_bound() -> None:
    end = follow(_line(40), Speeds(0.9, Trend.HOLT, 0.9), 10, 0.5)[-1]
    assert abs(end.trend) <= 0.5
