"""finding: numbers of findings are numbers."""

import pytest

from tests.data_quality.conftest import Store, judge, only_failure

FAULTS = ("value = 'NaN'", "value = '-Infinity'", "limit_value = 'Infinity'", "limit_value = 'NaN'")


@pytest.mark.baseline
def test_a_number_without_a_limit(good: Store) -> None:
    assert judge(good, "finding").passed


@pytest.mark.near_miss
@pytest.mark.parametrize("numbers", ["value = null", "value = 1.7e308, limit_value = -1.7e308", "value = 0, limit_value = 0"])
def test_no_numbers_and_large_ones(good: Store, numbers: str) -> None:
    good.run(f"update upkeep.finding set {numbers}")
    assert judge(good, "finding").passed


@pytest.mark.fault
@pytest.mark.parametrize("damage", FAULTS)
def test_what_is_no_number(good: Store, damage: str) -> None:
    with only_failure(good, "finding") as messages:
        good.run(f"update upkeep.finding set {damage}")
    assert "NaN or infinite: 1 of 1 are not so (sequences about shop: sequence_near_end public.a)" in messages[0]
