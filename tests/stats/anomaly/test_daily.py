"""judge_days and anomalies: what a bill's days are, and what is none of it."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.growth import calls
from upkeep.stats.anomaly.daily import day_of_month, judge_days
from upkeep.stats.anomaly.episodes import Anomaly, anomalies

START = datetime(2026, 1, 5, tzinfo=UTC)
RARE = 0.00001


def days(values: Sequence[float | None]) -> list[tuple[datetime, float | None]]:
    return [(START + timedelta(days=day), value) for day, value in enumerate(values)]


def found(values: Sequence[float | None], settled_fall: int = 3) -> list[Anomaly]:
    return anomalies(judge_days(days(values)), rare=RARE, settled_fall=settled_fall)


def places(values: Sequence[float | None]) -> list[tuple[int, int, int]]:
    """Of each anomaly: its first day, how many, which side."""
    return [((one.since - START).days, len(one.values), one.side) for one in found(values)]


def noise(n: int, middle: Callable[[int], float], share: float = 0.03, seed: str = "noise") -> list[float]:
    chance = random.Random(seed)  # noqa: S311 - noise, not a secret
    return [middle(day) * (1 + chance.gauss(0, share)) for day in range(n)]


def flat(_day: int) -> float:
    return 100


def weekly(day: int) -> float:
    return 100 if day % 7 < 5 else 40


def month_end(day: int) -> float:
    return 500 if (START + timedelta(days=day + 1)).day == 1 else 100


@pytest.mark.parametrize("seed", ["a", "b", "c", "d"])
@pytest.mark.parametrize("middle", [flat, weekly, lambda day: 100 * 1.002**day])
def test_what_is_as_always_is_no_anomaly(middle: Callable[[int], float], seed: str) -> None:
    assert places(noise(120, middle, seed=seed)) == []


def test_the_third_end_of_a_month_is_no_surprise() -> None:
    assert [place for place, _, _ in places(noise(240, month_end)) if place > 70] == []


def test_an_end_of_a_month_that_costs_twice_is_one() -> None:
    values = noise(240, month_end)
    last = max(day for day in range(240) if month_end(day) == 500)
    values[last] *= 2
    assert (last, 1, 1) in places(values)


def test_a_weekend_that_costs_as_a_weekday_is_one() -> None:
    values = noise(90, weekly)
    values[82] = values[83] = 100
    assert [(place, side) for place, _, side in places(values)] == [(82, 1)]


def test_a_spike_is_one_day_long_and_hides_no_other() -> None:
    values = noise(120, flat)
    values[60] = values[90] = 300
    assert places(values) == [(60, 1, 1), (90, 1, 1)]


def test_a_step_is_one_anomaly_until_its_level_is_learned() -> None:
    values = noise(120, lambda day: 100 if day < 80 else 160)
    (begin, length, side), *more = places(values)
    assert (begin, side) == (80, 1)
    assert 5 <= length <= 14
    assert more == []


def test_a_fall_counts_once_it_has_lasted() -> None:
    values = noise(93, lambda day: 100 if day < 90 else 50)
    assert places(values[:92]) == []
    assert places(values) == [(90, 3, -1)]


def test_a_fall_is_judged_by_days_that_are_whole() -> None:
    """The third day back is a little low by chance, and the two newest are half a bill."""
    values = [*noise(90, flat), 93, 90, 50]
    assert places(values) == []
    assert places([*values, 50]) == []
    assert places([*values, 50, 50]) != []


def test_a_gap_is_neither_zero_nor_an_end() -> None:
    values: list[float | None] = [*noise(80, flat), 300, None, 310]
    values[40] = None
    (one,) = found(values)
    assert [judged.value for judged in one.values] == [300, 310]
    assert one.open


def test_a_short_history_says_nothing() -> None:
    judged = judge_days(days([100.0] * 15 + [5000.0]))
    assert judged == [None] * 16


def test_what_was_never_there_is_one_at_once() -> None:
    assert places([0.0] * 60 + [20.0, 21.0]) == [(60, 2, 1)]


def test_rare_work_that_comes_now_and_then_is_none() -> None:
    chance = random.Random("now and then")  # noqa: S311 - noise, not a secret
    values = [chance.uniform(80, 120) if chance.random() < 0.2 else 0.0 for _ in range(150)]
    assert [place for place, _, _ in places(values) if place > 60] == []


def test_a_flat_line_that_begins_to_move_is_one() -> None:
    assert places([50.0] * 60 + [55.0])[0] == (60, 1, 1)


def test_it_says_what_was_expected_and_how_sure() -> None:
    (one,) = found([*noise(80, weekly), 400.0])
    judged = one.values[0]
    assert judged.low < 100 < judged.high < 140
    assert judged.low < judged.middle < judged.high
    assert one.excess == pytest.approx(300, abs=15)
    assert judged.sure > 0.999


def test_negative_days_and_no_days_are_judged_too() -> None:
    assert judge_days([]) == []
    values = noise(60, flat)
    values[50] = -400
    assert any(judged and judged.side < 0 for judged in judge_days(days(values))[50:51])


def test_what_comes_later_changes_nothing_before() -> None:
    values = noise(100, weekly)
    assert judge_days(days(values))[:60] == judge_days(days([*values[:60], 9000.0]))[:60]


def test_work_grows_with_the_days_only() -> None:
    short, long = (calls(partial(judge_days, days(noise(n, weekly)))) for n in (200, 400))
    assert long < 2.3 * short


@pytest.mark.parametrize(
    ("day", "place"), [((2026, 2, 28), -1), ((2028, 2, 28), -2), ((2026, 1, 1), 1), ((2026, 1, 14), 14), ((2026, 1, 15), -17)]
)
def test_ends_of_months_are_one_place(day: tuple[int, int, int], place: int) -> None:
    assert day_of_month(datetime(*day, tzinfo=UTC)) == place
