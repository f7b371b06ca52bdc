"""level_shifts: steps that stay, and what is none."""

import pytest

from tests.stats.made import on_workdays, saw, steady, straight
from upkeep.stats.level_shifts import level_shifts, without_rare_shifts


def _with_step(values: list[float], place: int, height: float) -> list[float]:
    return [value + (height if day >= place else 0) for day, value in enumerate(values)]


def test_a_step_is_found() -> None:
    found = level_shifts(_with_step(straight(60), 30, -400))
    assert [shift.place for shift in found] == [30]
    assert found[0].height == pytest.approx(-400, abs=25)


@pytest.mark.parametrize("values", [straight(90), steady(90), on_workdays(90), [5.0] * 40])
def test_growth_and_noise_have_none(values: list[float]) -> None:
    assert level_shifts(values) == []


def test_a_single_wild_value_is_none() -> None:
    values = straight(60)
    values[30] += 900
    assert level_shifts(values) == []


def test_a_ramp_is_none() -> None:
    assert level_shifts([*straight(30), *(1090 + 12 * day for day in range(30))]) == []


def test_what_is_too_new_is_not_told() -> None:
    assert level_shifts(_with_step(straight(60), 58, -400)) == []
    assert len(level_shifts(_with_step(straight(60), 57, -400))) == 1


def test_a_step_in_a_constant() -> None:
    assert without_rare_shifts([5.0] * 20 + [9.0] * 20) == [9.0] * 40


def test_the_past_is_moved_to_the_newest_level() -> None:
    values = straight(60, noise=1)
    moved = [value or 0 for value in without_rare_shifts(_with_step(values, 30, -400))]
    assert moved == pytest.approx([value - 400 for value in values], abs=6)


def test_an_import_and_its_removal_are_taken_out() -> None:
    values = straight(90, noise=1)
    moved = [value or 0 for value in without_rare_shifts(_with_step(_with_step(values, 30, 400), 60, -400))]
    assert moved == pytest.approx(values, abs=8)


def test_what_recurs_is_how_it_behaves() -> None:
    values = saw(90)
    assert without_rare_shifts(values) == values


def test_gaps_stay() -> None:
    values: list[float | None] = list(_with_step(straight(60, noise=1), 30, -400))
    values[10] = values[45] = None
    moved = without_rare_shifts(values)
    assert [place for place, value in enumerate(moved) if value is None] == [10, 45]
    assert (moved[29] or 0) == pytest.approx(687, abs=8)


def test_a_short_one_has_none() -> None:
    assert level_shifts([1.0, 2.0, 900.0, 901.0]) == []
