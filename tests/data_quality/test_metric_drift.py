"""metric_drift: a metric means what it meant."""

import pytest

from tests.data_quality.conftest import TODAY, UNKNOWN, Store, judge, only_failure, put
from upkeep.answer import Answer, Metric
from upkeep.units import Unit


def sizes(factor: float = 1, unit: Unit = Unit.BYTES, count: int = 12) -> Answer:
    return Answer.judged(
        "x",
        metrics=[Metric(name="size", value=factor * (i + 1), unit=unit, labels={"table": str(i)}) for i in range(count)],
    )


def past(store: Store, count: int = 12, days: int = 7) -> None:
    for number in range(TODAY):
        put(store, sizes(number + 1, count=count) if number >= TODAY - days else UNKNOWN, number)


@pytest.mark.baseline
def test_growing_as_ever(good: Store) -> None:
    past(good)
    put(good, sizes(TODAY + 1), TODAY)
    assert judge(good, "metric_drift").passed


@pytest.mark.near_miss
def test_four_hundred_times_and_a_fourhundredth(good: Store) -> None:
    past(good)
    for factor in (6 * 400, 6 / 400):
        put(good, sizes(factor), TODAY)
        assert judge(good, "metric_drift").passed


@pytest.mark.near_miss
@pytest.mark.parametrize(("count", "days"), [(9, 7), (12, 4)])
def test_few_values_or_days_say_too_little(good: Store, count: int, days: int) -> None:
    past(good, count, days)
    put(good, sizes(1_000_000, count=count), TODAY)
    assert judge(good, "metric_drift").passed


@pytest.mark.near_miss
def test_nothing_and_new_names_have_no_factor(good: Store) -> None:
    past(good)
    put(good, sizes(0), TODAY)
    assert judge(good, "metric_drift").passed
    other = Answer.judged("x", metrics=[Metric(name="fresh", value=1, unit=Unit.XIDS)])
    put(good, other, TODAY)
    assert judge(good, "metric_drift").passed


@pytest.mark.fault
@pytest.mark.parametrize("factor", [6 * 1024, 6 / 1024])
def test_kilobytes_for_bytes(good: Store, factor: float) -> None:
    with only_failure(good, "metric_drift") as messages:
        past(good)
        put(good, sizes(factor), TODAY)
    assert "factor of more than 500 against earlier windows: 1 of " in messages[0]
    assert "(sequences about shop: size, median " in messages[0]
    assert "usually 39). See whether the source changed its unit" in messages[0]


@pytest.mark.fault
def test_a_unit_that_changed(good: Store) -> None:
    with only_failure(good, "metric_drift") as messages:
        past(good)
        put(good, sizes(6, unit=Unit.PAGES), TODAY)
    assert "keeps the unit that it had in earlier windows: 1 of " in messages[0]
    assert "(sequences about shop: size, pages after bytes, median " in messages[0]
