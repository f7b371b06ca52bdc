"""Small lines: gaps stay gaps, a single value is a dot, the limit is where it belongs."""

from math import inf, nan

import pytest

from upkeep.ui.sparkline import HEIGHT, MARGIN, sparkline


@pytest.mark.parametrize("values", [[], [None], [None, nan], [inf]])
def test_without_a_value_there_is_none(values: list[float | None]) -> None:
    assert sparkline(values) is None


def test_the_highest_is_above_and_zero_below() -> None:
    line = sparkline([0.0, 10.0])
    assert line is not None
    assert line.lines == [f"0,{HEIGHT - MARGIN:g} 100,{MARGIN:g}"]
    assert (line.low, line.high) == (0, 10)


def test_a_gap_parts_the_line_and_a_single_value_is_a_dot() -> None:
    line = sparkline([1, 2, None, 3, nan, 4, 4])
    assert line is not None
    assert [len(points.split()) for points in line.lines] == [2, 2]
    assert [x for x, _ in line.dots] == [50.0]


@pytest.mark.parametrize(("limit", "height"), [(5.0, 12.0), (10.0, 2.0), (10.1, None), (None, None), (-0.1, None)])
def test_a_limit_inside_is_a_line(limit: float | None, height: float | None) -> None:
    line = sparkline([0, 10], limit)
    assert line is not None
    assert line.limit == height


def test_what_is_always_zero_lies_at_the_bottom_and_what_is_always_the_same_is_not_at_an_edge() -> None:
    zero, same = sparkline([0, 0]), sparkline([7, 7], from_zero=False)
    assert zero is not None
    assert same is not None
    assert zero.lines == ["0,22 100,22"]
    assert same.lines == ["0,12 100,12"]
