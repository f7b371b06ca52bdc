"""judge_stream: values that come every few minutes or hours, judged by what came before."""

import math
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import pytest

from tests.growth import calls
from upkeep.stats.anomaly.stream import QUIET, Point, judge_stream, surprises

START = datetime(2026, 1, 5)  # noqa: DTZ001 - hours of whichever zone the values have
TOLD = 5.0


def made(
    n: int,
    middle: Callable[[int], float],
    noise: float = 1.0,
    minutes: int = 10,
    change: Callable[[int, float], float] | None = None,
) -> list[Point]:
    """A value every ten minutes around a middle; `change` is what goes wrong."""
    chance = random.Random("stream")  # noqa: S311 - noise, not a secret
    values = [middle(place) + chance.gauss(0, noise) for place in range(n)]
    return [(START + timedelta(minutes=minutes * place), change(place, v) if change else v) for place, v in enumerate(values)]


def steady(_place: int) -> float:
    return 50


def daily(place: int) -> float:
    """A day's curve, in ten minutes."""
    return 50 + 20 * math.sin(place * math.tau / 144)


def told(points: Sequence[Point], above: float = TOLD) -> list[int]:
    return [place for place, score in enumerate(surprises(points)) if score > above]


@pytest.mark.parametrize("middle", [steady, daily, lambda place: 50 + place / 200])
def test_what_is_as_always_is_no_surprise(middle: Callable[[int], float]) -> None:
    assert told(made(2000, middle)) == []


def test_a_spike_is_one_surprise() -> None:
    assert told(made(2000, daily, change=lambda place, v: v + 60 * (place == 1500))) == [1500]


def test_a_value_that_is_usual_at_noon_is_none_at_midnight() -> None:
    points = made(2000, daily)
    low = next(place for place in range(1700, 2000) if daily(place) < 31)
    points[low] = (points[low][0], 70.0)
    assert told(points) == [low]


def test_a_new_level_is_told_at_once_and_then_learned() -> None:
    places = told(made(3000, steady, change=lambda place, v: v + 25 * (place >= 1500)))
    assert places[0] == 1500
    assert all(place < 1500 + QUIET for place in places)


def test_a_day_that_stays_low_is_told() -> None:
    places = told(made(2016, daily, change=lambda place, v: 30.0 if 1728 <= place < 1872 else v), 3)
    assert any(1728 <= place < 1872 for place in places)


def test_noise_that_grows_is_told() -> None:
    assert any(
        1500 <= place < 1520
        for place in told(made(2000, steady, change=lambda place, v: 50 + (v - 50) * (8 if place >= 1500 else 1)), 3)
    )


def test_counts_that_are_mostly_nothing_are_none() -> None:
    chance = random.Random("counts")  # noqa: S311 - noise, not a secret
    points = [(START + timedelta(hours=n), float(chance.random() < 0.1) * chance.randint(1, 5)) for n in range(2000)]
    assert told(points) == []
    assert told([*points[:-1], (points[-1][0], 90.0)]) == [1999]


def test_a_flat_line_that_moves_is_told() -> None:
    assert told([(START + timedelta(hours=n), 5.0 + (n == 300)) for n in range(310)]) == [300]


def test_holes_and_uneven_times_are_borne() -> None:
    points = [point for place, point in enumerate(made(2000, daily)) if place % 7 and not 600 <= place < 900]
    assert told(points) == []


def test_a_short_past_says_nothing() -> None:
    assert judge_stream([]) == []
    assert surprises(made(8, steady, change=lambda place, v: v + 500 * (place == 7))) == [0.0] * 8


def test_it_says_what_was_expected() -> None:
    judged = judge_stream(made(2000, daily, change=lambda place, v: v + 60 * (place == 1500)))[1500]
    assert judged
    assert judged.low < daily(1500) < judged.high < judged.value
    assert judged.high - judged.low < 12
    assert judged.sure > 0.99999
    assert judged.side == 1


def test_what_comes_later_changes_nothing_before() -> None:
    points = made(900, daily)
    assert judge_stream(points)[:600] == judge_stream([*points[:600], (points[600][0], 1e9)])[:600]


def test_work_grows_with_the_values_only() -> None:
    short, long = (calls(partial(surprises, made(n, daily, minutes=60))) for n in (1000, 2000))
    assert long < 2.3 * short


def test_a_unit_changes_nothing() -> None:
    points = made(1600, daily, change=lambda place, v: v + 60 * (place == 1500))
    scaled = [(at, value * 1000) for at, value in points]
    assert surprises(scaled) == pytest.approx(surprises(points), abs=1e-6)
