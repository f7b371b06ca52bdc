"""metric_volume: about as many metrics as in earlier windows."""

import pytest

from tests.data_quality.conftest import TODAY, UNKNOWN, Store, judge, only_failure, put
from upkeep.answer import Answer, Metric
from upkeep.units import Unit


def with_metrics(count: int) -> Answer:
    return Answer.judged("x", metrics=[Metric(name="m", value=1, unit=Unit.COUNT, labels={"i": str(i)}) for i in range(count)])


def past(store: Store, count: int = 50, days: int = 7) -> None:
    for number in range(TODAY):
        put(store, with_metrics(count) if number >= TODAY - days else UNKNOWN, number)


@pytest.mark.baseline
def test_as_many_as_ever(good: Store) -> None:
    past(good)
    put(good, with_metrics(48), TODAY)
    assert judge(good, "metric_volume").passed


@pytest.mark.near_miss
@pytest.mark.parametrize("count", [10, 500])
def test_a_fifth_and_ten_times(good: Store, count: int) -> None:
    past(good)
    put(good, with_metrics(count), TODAY)
    assert judge(good, "metric_volume").passed


@pytest.mark.near_miss
@pytest.mark.parametrize(("count", "days"), [(9, 7), (50, 4)])
def test_few_metrics_or_days_say_too_little(good: Store, count: int, days: int) -> None:
    past(good, count, days)
    put(good, with_metrics(0), TODAY)
    assert judge(good, "metric_volume").passed


@pytest.mark.near_miss
def test_unknown_brings_none_and_says_why(good: Store) -> None:
    past(good)
    put(good, UNKNOWN, TODAY)
    assert judge(good, "metric_volume").passed


@pytest.mark.near_miss
def test_one_odd_day_before_does_not_move_the_usual(good: Store) -> None:
    past(good)
    put(good, with_metrics(0), TODAY - 1)
    put(good, with_metrics(50), TODAY)
    assert judge(good, "metric_volume").passed


@pytest.mark.fault
def test_a_source_that_shows_less(good: Store) -> None:
    with only_failure(good, "metric_volume") as messages:
        past(good)
        put(good, with_metrics(9), TODAY)
    assert "at least 20% of the metrics" in messages[0]
    assert "(sequences about shop: 9 metrics, usually 50). The source shows less than it did" in messages[0]


@pytest.mark.fault
def test_a_label_for_every_row(good: Store) -> None:
    with only_failure(good, "metric_volume") as messages:
        past(good)
        put(good, with_metrics(501), TODAY)
    assert "more than 10 times" in messages[0]
    assert "501 metrics, usually 50" in messages[0]
