"""Quantiles, and the numbers of a window from its deployments alone."""

from datetime import timedelta

import pytest

from tests.delivery.world import WEEK, at
from upkeep.delivery.flow import Live, Ratio, flow_of, quantile


def live(day: int, **more: object) -> Live:
    usual = {"failed_at": None, "failed_why": None, "recovered_at": None, "rework": None, "leads": [60.0], "previous": "0"}
    return Live(deployment=str(day), live_at=at(10, day), **{**usual, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.5, 2.5), (0.9, 3.7), (1, 4)])
def test_quantiles(share: float, value: float) -> None:
    assert quantile([1, 2, 3, 4], share) == pytest.approx(value)
    assert quantile([7], share) == 7


def test_there_is_none_of_nothing() -> None:
    with pytest.raises(ValueError, match="no quantile of no values"):
        quantile([], 0.5)


def test_nothing_is_empty_and_not_zero() -> None:
    found = flow_of([], WEEK)
    assert (found.leads, found.recoveries, found.fails, found.rework) == ((), (), Ratio(0, 0), Ratio(0, 0))
    assert found.days == 7


def test_commits_younger_than_their_deployment_are_counted_apart() -> None:
    found = flow_of([live(12, leads=[-5.0, 0.0, 30.0])], WEEK)
    assert (found.leads, found.backward) == ((0.0, 30.0), 1)


def test_a_recovery_counts_in_the_week_in_which_it_ended() -> None:
    earlier = live(9, failed_at=at(11, 9), recovered_at=at(10, 11))
    open_one = live(17, failed_at=at(11, 17))
    found = flow_of([earlier, open_one], WEEK)
    assert found.recoveries == (timedelta(days=2).total_seconds(),)
    assert len(flow_of([live(9, recovered_at=WEEK.start), live(10, recovered_at=WEEK.end)], WEEK).recoveries) == 1
    assert (found.fails, found.unrecovered) == (Ratio(1, 1), 1)


def test_the_first_has_no_changes_and_is_not_missed() -> None:
    assert flow_of([live(12, previous=None, leads=[]), live(13, leads=None)], WEEK).untold == 1
