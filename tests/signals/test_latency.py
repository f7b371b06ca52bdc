"""A percentile is between its bounds, and a limit between them cannot be told."""

from math import inf

import pytest

from tests.signals.test_minutes import NOON
from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import Minutes
from upkeep.signals.place import Told
from upkeep.signals.records import GoldenSignal


@pytest.mark.parametrize(
    ("low", "high", "over"),
    [
        (0.4, 0.4, False),
        (0.5, 0.5, False),
        (0.51, 0.51, True),
        (0.25, 0.5, False),
        (0.25, 1.0, None),
        (0.5, 1.0, True),
        (10.0, inf, True),
        (0.1, inf, None),
    ],
)
def test_over_a_limit(low: float, high: float, over: bool | None) -> None:  # noqa: FBT001 - a column
    assert Percentile(0.95, low, high, 100).over(0.5) is over


def test_the_best_guess_lies_between_its_bounds() -> None:
    assert Percentile(0.5, 0.2, 0.4, 9).best_s == pytest.approx(0.3)
    assert Percentile(0.5, 10.0, inf, 9).best_s == 10.0


def test_a_bound_that_nobody_knows_is_null_in_the_row() -> None:
    told = Told(Minutes.unseen(NOON, 1), (Percentile(0.5, 0.1, 0.1, 9), Percentile(0.99, 10.0, inf, 9)))
    row = GoldenSignal.of(told, 0.5)
    assert (row.p50_low, row.p50_high, row.p95_low, row.p99_low, row.p99_high) == (0.1, 0.1, None, 10.0, None)
