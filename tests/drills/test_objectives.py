"""RTO and RPO as the newest backup's test shows them: at the limit, just past it, foretold, and what cannot be told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.drills.stored import a_test
from upkeep.answer import Metric, Severity
from upkeep.drills.objectives import POINT, TIME, Measured, judge, metrics
from upkeep.drills.outcome import Seen
from upkeep.targets.database import Database
from upkeep.units import Unit

NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
TAKEN = NOW - timedelta(hours=5)
GIB = 2**30


def database(**fields: Any) -> Database:
    return Database(name="shop", owner="ann", connection="shop", **{"rto": "1 h", "rpo": "6 h", "heartbeat": {}, **fields})


def measured(db: Database | None = None, *, source_bytes: int | None = 3 * GIB, past: Any = None, **row: Any) -> Measured:
    """A restore in half an hour of a backup of five hours ago, whose heartbeat was a minute old."""
    usual = {"recovery_seconds": 1800.0, "recovery_point": TAKEN - timedelta(minutes=1), "snapshot_at": TAKEN,
             "rows": 10, "copy_bytes": 3 * GIB}  # fmt: skip
    return Measured(db=db or database(), row=a_test(NOW, **{**usual, **row}), source_bytes=source_bytes, **(past or {}))


def said(of: Measured) -> tuple[list[str], list[str]]:
    """Rules of the findings, and what is unsure."""
    seen = Seen()
    judge(of, seen)
    return [finding.rule for finding in seen.findings], seen.unsure


def months(name: str, *values: float, **labels: str) -> list[Metric]:
    """Values of the months before, the newest last."""
    return [
        Metric(name=name, value=value, unit=Unit.SECONDS, at=NOW - timedelta(days=30 * (len(values) - n)), labels=labels)
        for n, value in enumerate(values)
    ]


@pytest.mark.baseline
def test_both_are_met() -> None:
    assert said(measured()) == ([], [])


@pytest.mark.near_miss
def test_exactly_at_its_objective_it_is_met() -> None:
    assert said(measured(recovery_seconds=3600.0)) == ([], [])
    assert said(measured(recovery_point=NOW - timedelta(hours=6))) == ([], [])


@pytest.mark.fault
def test_past_its_objective_it_is_missed() -> None:
    seen = Seen()
    judge(measured(recovery_seconds=3601.0, recovery_point=NOW - timedelta(hours=6, seconds=1)), seen)
    time, point = seen.findings
    assert (time.rule, time.severity, time.value, time.limit) == ("recovery_time_missed", Severity.HIGH, 3601, 3600)
    assert "measured on 10 rows, 3.0 GiB (100% of what production is now)" in time.title
    assert (point.rule, point.severity, point.value, point.limit) == ("recovery_point_age_missed", Severity.HIGH, 21601, 21600)


def test_without_objectives_nothing_is_judged() -> None:
    assert said(measured(database(rto=None, rpo=None), recovery_seconds=10.0**6, recovery_point=None)) == ([], [])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"rows": 0}, "a copy without rows"),
        ({"copy_bytes": 8 * GIB // 10}, "too little: 10 rows, 819.2 MiB (27% of what production is now)"),
        ({"copy_bytes": None}, "too little: 10 rows"),
    ],
)
def test_a_time_on_next_to_no_data_shows_nothing(row: dict[str, Any], words: str) -> None:
    rules, (unsure,) = said(measured(**row))
    assert rules == []
    assert words in unsure


@pytest.mark.near_miss
def test_a_third_of_the_data_is_enough_and_production_may_be_away() -> None:
    assert said(measured(copy_bytes=GIB)) == ([], [])
    assert said(measured(source_bytes=10, copy_bytes=3)) == ([], []), "three tenths are just enough"
    assert said(measured(source_bytes=None, copy_bytes=1)) == ([], [])
    assert said(measured(source_bytes=0, copy_bytes=1)) == ([], [])


@pytest.mark.fault
def test_what_is_missed_on_little_data_is_missed_on_much() -> None:
    assert said(measured(copy_bytes=1, recovery_seconds=4000.0)) == (["recovery_time_missed"], [])


def test_an_objective_without_a_heartbeat_cannot_be_shown() -> None:
    assert said(measured(database(heartbeat=None), recovery_point=None)) == (
        [],
        ["an rpo is declared, but no heartbeat: how far the copy reaches is not shown"],
    )
    assert said(measured(database(heartbeat=None, rpo=None), recovery_point=None)) == ([], [])
    assert said(measured(recovery_point=None)) == ([], []), "why it was not read is said where it is read"


@pytest.mark.parametrize(("ahead_s", "wrong"), [(300, False), (301, True)])
def test_a_clock_that_was_ahead(ahead_s: int, wrong: bool) -> None:  # noqa: FBT001 - a case
    rules, unsure = said(measured(recovery_point=TAKEN + timedelta(seconds=ahead_s)))
    assert rules == []
    assert bool(unsure) is wrong
    assert all("a clock was wrong" in text for text in unsure)


@pytest.mark.parametrize(("hours", "rules"), [(26, []), (26.1, ["heartbeat_old"])])
def test_a_heartbeat_that_stopped_before_the_backup(hours: float, rules: list[str]) -> None:
    db = database(rpo="7 d")
    assert said(measured(db, recovery_point=TAKEN - timedelta(hours=hours))) == (rules, [])


@pytest.mark.near_miss
def test_a_table_of_the_application_may_be_still_for_days() -> None:
    db = database(rpo="7 d", heartbeat={"table": "public.orders", "column": "at"})
    assert said(measured(db, recovery_point=TAKEN - timedelta(days=3))) == ([], [])


@pytest.mark.fault
def test_what_grows_by_the_month_is_foretold() -> None:
    seen = Seen()
    past = {"times": months(TIME, 2000, 2300, 2600, stage="all")}
    judge(measured(recovery_seconds=2900.0, past=past), seen)
    (finding,) = seen.findings
    assert (finding.rule, finding.severity, finding.value) == ("recovery_time_forecast", Severity.MEDIUM, 2900)
    assert "about 2027-01-10" in finding.title  # 700 seconds more, at 300 in 30 days
    assert finding.due_by
    ages = {"ages": months(POINT, 3 * 3600, 4 * 3600 - 1200, 4 * 3600 + 1200)}
    assert said(measured(past=ages)) == (["recovery_point_age_forecast"], [])


@pytest.mark.near_miss
def test_what_is_far_off_or_of_one_stage_is_not_told() -> None:
    slowly = {"times": months(TIME, 2000, 2050, 2100, stage="all")}
    assert said(measured(recovery_seconds=2150.0, past=slowly)) == ([], [])
    stage = {"times": months(TIME, 2000, 2300, 2600, stage="data")}
    assert said(measured(recovery_seconds=2900.0, past=stage)) == ([], [])
    few = {"times": months(TIME, 2300, 2600, stage="all")}
    assert said(measured(recovery_seconds=2900.0, past=few)) == ([], [])


def test_numbers_that_are_kept() -> None:
    found = {(m.name, m.labels.get("stage")): m.value for m in metrics(measured(seconds={"fetch": 2.0, "data": 40.0}))}
    assert found == {
        (TIME, "all"): 1800,
        (TIME, "fetch"): 2,
        (TIME, "data"): 40,
        ("recovery_copy_bytes", None): 3 * GIB,
        (POINT, None): 5 * 3600 + 60,
    }
    assert list(metrics(measured(recovery_seconds=None, copy_bytes=None, recovery_point=None))) == []
