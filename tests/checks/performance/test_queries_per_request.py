"""Statements against requests: at their limits, and of databases that were not counted for the whole window."""

from datetime import UTC, datetime, timedelta

import pytest

from upkeep.answer import Severity
from upkeep.checks.performance.queries_per_request import StatementCalls, metrics_of, suspects, untold
from upkeep.humanize import share as share_of
from upkeep.targets.service import Service
from upkeep.window import Window

WEEK = Window(datetime(2026, 5, 11, tzinfo=UTC), datetime(2026, 5, 18, tzinfo=UTC))
WHOLE = timedelta(days=7).total_seconds()
SHOP = Service.model_validate(
    {
        "name": "shop",
        "owner": "ann",
        "signals": {"kind": "query", "connection": "c", "minutes": "select"},
        "databases": ["db", "other"],
    }
)


def every(calls: float | None = 2000, query: float = 500, seconds: float = WHOLE, database: str = "db") -> list[StatementCalls]:
    return [StatementCalls(database, None, calls, seconds), StatementCalls(database, "7", query, 0)]


def found(counted: list[StatementCalls]) -> list[tuple[str, str]]:
    return [(each.rule, each.object) for each in suspects(counted, 100, WEEK, 20, 5)]


@pytest.mark.near_miss
def test_as_many_as_may_be_are_fine() -> None:
    assert found(every()) == []


@pytest.mark.fault
def test_more_are_suspected() -> None:
    assert found(every(2001, 501)) == [("queries_per_request", "db"), ("query_in_a_loop", "db 7")]
    suspected = next(iter(suspects(every(4000), 100, WEEK, 20, 5)))
    assert suspected.title == "40.0 statements on db for each request (limit 20)"
    assert (suspected.severity, suspected.value, suspected.limit) == (Severity.LOW, 40, 20)


def test_the_ratio_says_what_it_is_made_of() -> None:
    (metric,) = metrics_of(every(), 100, WEEK)
    assert (metric.value, metric.numerator, metric.denominator, metric.n) == (20, 2000, 100, 100)
    assert list(metrics_of(every(None), 100, WEEK)) == []


@pytest.mark.parametrize(("share", "known"), [(0.9, True), (0.899, False), (0.0, False)])
def test_statistics_that_were_reset_are_unknown(share: float, known: bool) -> None:  # noqa: FBT001 - of a test
    counted = every(9000, 9000, share * WHOLE)
    assert bool(found(counted)) is known
    assert bool(list(metrics_of(counted, 100, WEEK))) is known
    said = list(untold([*counted, *every(database="other")], SHOP, WEEK))
    assert bool(said) is not known


def test_a_database_of_which_nothing_was_counted_is_said() -> None:
    (said,) = untold(every(), SHOP, WEEK)
    assert said == f"queries per request of other unknown: statements were counted for {share_of(0)} of the window"
