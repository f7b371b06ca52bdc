"""forecast: a level with an honest interval, and when it reaches a limit."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.stats.made import DAY, START, on_workdays, saw, series, steady, straight, wandering, weekly
from upkeep.stats.even_series import EvenSeries
from upkeep.stats.forecast import Forecast, TooShort, forecast

SHAPES: dict[str, Callable[..., list[float]]] = {
    "straight": straight,
    "steady": steady,
    "wandering": wandering,
    "workdays": on_workdays,
    "weekly": weekly,
    "saw": saw,
}


def made(values: list[float] | list[float | None], horizon: int = 90, **how: float) -> Forecast:
    """A forecast that is one."""
    found = forecast(series(values), horizon, **how)  # type: ignore[arg-type]
    assert isinstance(found, Forecast)
    return found


def test_a_line_goes_on() -> None:
    found = made(straight(90))
    assert found.at(30).middle == pytest.approx(1000 + 3 * 119, rel=0.02)
    assert found.at(90).middle == pytest.approx(1000 + 3 * 179, rel=0.03)


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_the_interval_holds_its_middle_and_widens(shape: str) -> None:
    path = made(SHAPES[shape](90, seed="one")).path()
    assert all(one.low <= one.middle <= one.high for one in path)
    widths = [one.high - one.low for one in path]
    assert widths[-1] > widths[6]
    beyond = widths[40:]
    assert all(after >= before - 1e-6 for before, after in pairwise(beyond))


@pytest.mark.parametrize("shape", sorted(SHAPES))
@pytest.mark.parametrize("steps", [7, 30, 90])
def test_the_interval_holds_about_as_often_as_it_says(shape: str, steps: int) -> None:
    """Forty futures that no forecast has seen: 80 % is promised, and chance alone moves that by 13."""
    held = 0
    for n in range(40):
        values = SHAPES[shape](90 + steps, seed=f"{shape} {n}")
        interval = made(values[:90]).at(steps)
        held += interval.low <= values[89 + steps] <= interval.high
    assert held / 40 >= 0.6


def test_weekdays_are_known_where_they_matter() -> None:
    found = made(weekly(91))
    assert found.at(1).middle - found.at(6).middle == pytest.approx(35, abs=8)


def test_short_histories_are_told() -> None:
    found = forecast(series(straight(13)), 30)
    assert isinstance(found, TooShort)
    assert found.text == "too short a history: 13 values over 13 days, 14 are needed"
    assert isinstance(forecast(EvenSeries(START, DAY, ()), 30), TooShort)


def test_the_shortest_that_is_enough_looks_no_farther_than_twice_itself() -> None:
    assert made(straight(14), 365).horizon == 28
    with pytest.raises(ValueError, match="this forecast is for 1 to 28"):
        made(straight(14), 365).at(29)


def test_many_gaps_count_as_few_values() -> None:
    few = [value if day % 7 == 0 else None for day, value in enumerate(straight(80))]
    assert isinstance(forecast(series(few), 30), TooShort)


def test_gaps_are_no_zeros() -> None:
    values: list[float | None] = list(straight(90))
    values[20:34] = [None] * 14
    values[60] = None
    assert made(values).at(30).middle == pytest.approx(1357, rel=0.03)


def test_a_value_a_week_is_enough_in_time() -> None:
    values = [value if day % 7 == 0 else None for day, value in enumerate(straight(197))]
    assert made(values).at(30).middle == pytest.approx(1000 + 3 * 226, rel=0.05)


def test_wild_values_move_nothing_far() -> None:
    values = straight(90)
    values[40], values[88] = 90_000.0, 0.0
    assert made(values).at(30).middle == pytest.approx(1357, rel=0.1)


def test_after_a_clean_up_it_goes_on_from_the_new_level() -> None:
    values = [value - (200 if day >= 60 else 0) for day, value in enumerate(straight(90))]
    found = made(values).at(30)
    assert found.middle == pytest.approx(1157, rel=0.03)
    assert found.high - found.low < 100


def test_a_monthly_clean_up_is_no_growth() -> None:
    assert made(saw(120)).reaches(1000 + 4 * 60).expected is None


def test_a_refit_does_not_explode() -> None:
    values = [*([400.0] * 60), 401.0, 640.0, 1_750_000.0]
    assert made(values).at(90).middle < 2_000


def test_bounds_hold_for_all_of_the_interval() -> None:
    falling = [500.0 - 5 * day for day in range(90)]
    assert all(one.low >= 0 for one in made(falling, floor=0).path())
    share = made([min(1.0, 0.5 + 0.006 * day) for day in range(80)], ceiling=1.0).at(60)
    assert (share.middle, share.high) == (1, 1)


def test_a_constant_stays() -> None:
    one = made([5.0] * 40).at(60)
    assert (one.low, one.middle, one.high) == pytest.approx((5, 5, 5))


def test_only_the_newest_count_of_a_long_past() -> None:
    assert len(made([*steady(600), *straight(300)]).series.values) == 500


def test_the_day_a_limit_is_reached() -> None:
    reached = made(straight(90)).reaches(1447)
    assert reached.expected
    assert abs(reached.expected - (START + 149 * DAY)) < timedelta(days=7)
    assert reached.earliest
    assert reached.latest
    assert reached.earliest <= reached.expected <= reached.latest
    assert reached.horizon == START + (89 + 90) * DAY


def test_never_within_the_horizon() -> None:
    reached = made(straight(90)).reaches(5000)
    assert (reached.earliest, reached.expected, reached.latest) == (None, None, None)


def test_an_open_end() -> None:
    """The upper bound reaches it, the lower one does not."""
    found = made(wandering(90))
    limit = found.at(60).high
    reached = found.reaches(limit)
    assert reached.earliest
    assert reached.latest is None


def test_reached_already() -> None:
    reached = made(straight(90, noise=0)).reaches(1200)
    assert reached.earliest == reached.expected == reached.latest == START + 89 * DAY
    assert made([0.0] * 30).reaches(0.0).expected == START + 29 * DAY


def test_how_likely_it_is() -> None:
    found = made(steady(90))
    middle = found.at(30).middle
    assert found.chance(middle + 200, 30) < 0.05
    assert 0.3 < found.chance(middle, 30) < 0.7
    assert found.chance(middle - 200, 30) > 0.95


def test_it_is_the_same_every_time() -> None:
    assert made(wandering(90)).path() == made(wandering(90)).path()
