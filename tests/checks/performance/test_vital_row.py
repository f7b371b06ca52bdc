"""Rows of web vitals: good and poor at their limits, ties, and each device by itself."""

import pytest

from upkeep.checks.performance.vital_row import LIMITS, WebVital, web_vital_rows
from upkeep.signals.vital_values import VitalCount


def row(*counts: tuple[float, int], vital: str = "lcp", device: str = "mobile") -> WebVital:
    (found,) = web_vital_rows([VitalCount(device, vital, value, n) for value, n in counts])
    return found


@pytest.mark.parametrize(("vital", "good", "poor"), [("lcp", 2500, 4000), ("inp", 200, 500), ("cls", 0.1, 0.25)])
def test_good_is_up_to_its_limit_and_poor_above_its_own(vital: str, good: float, poor: float) -> None:
    assert LIMITS[vital] == (good, poor)
    found = row((good, 5), (good * 1.01, 7), (poor, 11), (poor * 1.01, 13), vital=vital)
    assert (found.samples, found.good, found.poor) == (36, 5, 13)


@pytest.mark.parametrize(("slow", "p75"), [(24, 1000), (25, 1000), (26, 5000)])
def test_the_percentile_is_exact_with_ties(slow: int, p75: float) -> None:
    assert row((5000, slow), (1000, 100 - slow)).p75 == p75


def test_of_few_the_interval_is_wide_and_of_one_there_is_none() -> None:
    one = row((3000, 1))
    assert (one.samples, one.p75, one.p75_low, one.p75_high) == (1, 3000, 3000, 3000)
    few = row(*((float(value), 1) for value in range(1, 9)))
    assert (few.p75, few.p75_low, few.p75_high) == (6, 3, 8)


def test_each_device_and_vital_has_its_own_and_a_layout_may_shift_more_than_once() -> None:
    counts = [VitalCount("desktop", "cls", 2.5), VitalCount("mobile", "cls", 0.0), VitalCount("tablet", "cls", 9.0)]
    assert [(each.device, each.p75, each.good, each.poor) for each in web_vital_rows(counts)] == [
        ("mobile", 0.0, 1, 0),
        ("desktop", 2.5, 0, 1),
    ]
    assert list(web_vital_rows([VitalCount("mobile", "lcp", 1, 0)])) == []
