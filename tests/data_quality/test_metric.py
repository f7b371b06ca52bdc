"""metric: numbers of their window; shares are what they are shares of."""

import pytest

from tests.data_quality.conftest import Store, judge, only_failure

FAULTS = (
    ("value = 'NaN' where name = 'sequence_used'", "no metric is NaN: 2 of 6"),
    ("value = 'Infinity' where unit = 'bytes'", "no metric is infinite: 2 of 6"),
    ("value = '-Infinity' where unit = 'bytes'", "no metric is infinite: 2 of 6"),
    ("value = 31 where name = 'connections_used'", "between 0 and 10"),
    ("value = -0.1 where name = 'connections_used'", "between 0 and 10"),
    ("numerator = 3, denominator = 4 where name = 'sequence_used'", "divided by its denominator: 2 of 6"),
    ("at = window_end + interval '1 s' where unit = 'bytes'", "lies in its window: 2 of 6"),
    ("at = window_start - interval '1 s' where unit = 'bytes'", "lies in its window: 2 of 6"),
)


@pytest.mark.baseline
def test_good_metrics(good: Store) -> None:
    assert judge(good, "metric").passed


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "numbers",
    [
        "numerator = 1, denominator = 3, value = 0.3333 where unit = '1'",
        "numerator = 1, denominator = 0 where unit = '1'",
        "value = 10 where unit = '1'",
        "value = 0 where unit = '1'",
        "at = window_start",
        "value = 1.7e308 where unit = 'bytes'",
        "value = 31, unit = 'x' where name = 'connections_used'",
    ],
)
def test_rounded_shares_and_edges(good: Store, numbers: str) -> None:
    good.run(f"update upkeep.metric set {numbers}")
    assert judge(good, "metric").passed


@pytest.mark.fault
@pytest.mark.parametrize(("damage", "complaint"), FAULTS)
def test_each_kind_of_bad_row(good: Store, damage: str, complaint: str) -> None:
    good.run("select upkeep.ensure_metric_month('2026-02-01')")
    with only_failure(good, "metric") as messages:
        good.run(f"update upkeep.metric set {damage}")
    assert complaint in messages[0]
