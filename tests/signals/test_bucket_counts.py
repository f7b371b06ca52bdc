"""Percentiles from buckets: bounds, not interpolation."""

from math import inf

import pytest

from upkeep.errors import CannotAskError
from upkeep.signals.bucket_counts import added_up, native_increase, percentiles
from upkeep.signals.bucket_increase import bound, by_endpoint
from upkeep.signals.latency import Percentile
from upkeep.sources.prometheus_series import Histogram, Series


def test_the_bucket_that_holds_the_rank() -> None:
    counts = {0.1: 50.0, 0.5: 95.0, 1.0: 99.0, inf: 100.0}
    found = [(each.share, each.low_s, each.high_s) for each in percentiles([counts], (0.5, 0.95, 0.99, 0.999))]
    assert found == [(0.5, 0.0, 0.1), (0.95, 0.1, 0.5), (0.99, 0.5, 1.0), (0.999, 1.0, inf)]


def test_milliseconds_become_seconds() -> None:
    (found,) = percentiles([{125.0: 1.0, inf: 1.0}], (0.5,), 0.001)
    assert found == Percentile(0.5, 0.0, 0.125, 1)


@pytest.mark.parametrize("counts", [{}, {0.1: 0.0, inf: 0.0}, {0.1: 5.0}])
def test_without_observations_or_a_last_bucket_there_is_none(counts: dict[float, float]) -> None:
    assert list(percentiles([counts], (0.5,))) == []


def test_what_lies_past_the_last_bound_has_no_upper_one() -> None:
    (found,) = percentiles([{0.5: 0.0, inf: 4.0}], (0.99,))
    assert (found.low_s, found.high_s, found.over(60)) == (0.5, inf, None)


def test_histograms_of_other_bounds_widen_what_is_known() -> None:
    old, new = {0.5: 20.0, 5.0: 90.0, inf: 100.0}, {0.25: 10.0, 0.5: 20.0, 1.0: 50.0, inf: 100.0}
    found = [(each.low_s, each.high_s, each.n) for each in percentiles([old, new], (0.06, 0.2, 0.5, 0.99))]
    assert found == [(0.0, 0.5, 200), (0.25, 0.5, 200), (0.5, 5.0, 200), (5.0, inf, 200)]


def test_one_without_a_last_bucket_is_left_out() -> None:
    (found,) = percentiles([{0.5: 90.0}, {1.0: 3.0, inf: 4.0}], (0.5,))
    assert (found.low_s, found.high_s, found.n) == (0.0, 1.0, 4)


def test_native_buckets_by_differences_with_a_reset() -> None:
    one, two = (0.25, 0.5), (0.5, 1.0)
    samples = [Histogram(3, {one: 3}), Histogram(5, {one: 4, two: 1}), Histogram(1, {two: 1})]
    found = native_increase(list(enumerate(samples)))
    assert (found, added_up(found)) == ({0.5: 1.0, 1.0: 2.0}, {0.5: 1.0, 1.0: 3.0, inf: 3.0})


def classic(le: str, *values: float, first: float = 0) -> Series:
    return Series({"le": le, "route": "/"}, [first + number for number in range(len(values))], list(values))


def test_bounds_are_compared_as_numbers_and_resets_begin_at_zero() -> None:
    every = [classic("1", 5, 7, 2), classic("1.0", 1, 2, first=9), classic("+Inf", 5, 8, 3)]
    assert by_endpoint(every, 5, lambda labels: labels["route"]) == {"/": [{1.0: 4.0, inf: 6.0}, {1.0: 2.0}]}


def test_buckets_that_are_written_otherwise_go_on() -> None:
    every = [classic("1", 500, 507), classic("1.0", 507, 509, first=1), classic("+Inf", 600, 610, 615)]
    assert by_endpoint(every, 0, lambda _: "") == {"": [{1.0: 9.0, inf: 15.0}]}


def labelled(version: str, *values: float, first: float) -> Series:
    return Series({"le": "+Inf", "version": version}, [first + 60 * number for number in range(len(values))], list(values))


@pytest.mark.parametrize(
    ("at_first", "n"), [(700, 103), (3, 106)], ids=["under another label it goes on", "with the label it begins at zero"]
)
def test_a_label_that_comes_in_the_middle_is_no_leap(at_first: float, n: float) -> None:
    every = [labelled("1", 500, 600, first=0), labelled("2", at_first, at_first + 3, first=120)]
    assert by_endpoint(every, 60, lambda _: "") == {"": [{inf: n}]}


@pytest.mark.near_miss
def test_one_that_ended_long_before_is_another() -> None:
    every = [labelled("1", 500, 600, first=0), labelled("2", 700, 703, first=900)]
    assert by_endpoint(every, 60, lambda _: "") == {"": [{inf: 803}]}


def test_series_of_no_endpoint_are_left_out() -> None:
    assert by_endpoint([classic("1", 1, 2)], 5, lambda _: None) == {}


def test_native_histograms_of_two_replicas_with_other_buckets_add_up() -> None:
    one = Series({}, [], [], ((0, Histogram(0, {})), (1, Histogram(2, {(0.25, 0.5): 2}))))
    two = Series({}, [], [], ((0, Histogram(0, {})), (1, Histogram(3, {(0.5, 1.0): 3}))))
    assert by_endpoint([one, two], 5, lambda _: "") == {"": [{0.5: 2.0, 1.0: 5.0, inf: 5.0}]}


def test_a_bucket_that_ends_at_a_word_is_said() -> None:
    assert bound({"le": "+Inf"}) == float("inf")
    assert (bound({"le": "1"}), bound({"le": "1.0"}), bound({})) == (1.0, 1.0, 0.0)
    with pytest.raises(CannotAskError, match='ends at le="many"'):
        bound({"__name__": "seconds_bucket", "le": "many"})
