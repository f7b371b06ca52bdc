"""The data-quality gate: silent about good rows, and in plain words about each kind of bad one."""

import time
from collections.abc import Iterator

import pytest

from tests.lab import Lab
from tests.store.conftest import UNKNOWN, Store, day, measured
from upkeep.answer import Answer, Metric
from upkeep.checks.database.sequences import sequences
from upkeep.data_quality import validate
from upkeep.store.answers import connected
from upkeep.store.quality_result import QualityResult
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

TARGETS = tuple(Database(name=name, owner="dba", connection="x") for name in ("shop", "other", "third"))
EXPECTED = [(sequences, target) for target in TARGETS]


def judge(store: Store) -> QualityResult:
    """The verdict on the first day."""
    return validate(store.connection, Cadence.DAILY, day(0), EXPECTED)


def put_good(store: Store) -> None:
    """One answer of each status, with metrics."""
    store.put(measured(1, "public.a"))
    store.put(measured(2), target="other")
    store.put(UNKNOWN, target="third")


@pytest.fixture(scope="module")
def good(migrated: Lab) -> Iterator[Store]:
    """Good rows, once for all tests."""
    with connected(migrated.endpoint) as connection:
        store = Store(migrated.endpoint, connection)
        put_good(store)
        yield store


@pytest.mark.baseline
def test_good_rows_pass(good: Store) -> None:
    assert judge(good) == QualityResult(expectations=18)


@pytest.mark.baseline
def test_nothing_asked_and_nothing_stored_is_no_failure(good: Store) -> None:
    assert validate(good.connection, Cadence.WEEKLY, day(0), []).passed


@pytest.mark.near_miss
def test_rounded_shares_and_other_windows_pass(good: Store) -> None:
    with good.connection.transaction(force_rollback=True):
        good.run("update upkeep.metric set numerator = 1, denominator = 3, value = 0.3333, name = 'm' where unit = '1'")
        good.put(Answer.judged("x", metrics=[Metric(name="m", value=float("nan"), unit=Unit.COUNT)]), 1)
        assert judge(good).failures == ()


@pytest.mark.fault
@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("delete from upkeep.answer where target = 'other'", "exactly one answer: 1 of 3 are not so (sequences about other)"),
        ("update upkeep.answer set summary = ' ' where status = 'unknown'", "summary, which for unknown is the reason: 1 of 3"),
        ("delete from upkeep.finding", "every breach has a finding: 1 of 3 are not so (sequences about shop)"),
        ("update upkeep.answer set status = 'ok'", "nothing but a breach has findings: 1 of 3"),
        ("update upkeep.answer set status = 'unknown'", "nothing but a breach has findings: 1 of 3"),
        ("update upkeep.answer set seconds = -1", "less than no time: 3 of 3"),
        (
            "update upkeep.finding set title = ''",
            "has a title: 1 of 1 are not so (sequences about shop: sequence_near_end public.a)",
        ),
        ("update upkeep.finding set remedy = ' '", "has a remedy: 1 of 1"),
        ("update upkeep.finding set value = 'NaN'", "NaN or infinite: 1 of 1"),
        ("update upkeep.finding set limit_value = '-Infinity'", "NaN or infinite: 1 of 1"),
        ("update upkeep.finding set unit = 'apples'", "finding's unit is a known one: 1 of 1"),
        ("update upkeep.finding set fingerprint = 'mine'", "16 hex digits: 1 of 1"),
        (
            """insert into upkeep.finding select duty, 'other', window_start, window_end, fingerprint, rule, object, severity,
               title, remedy, value, limit_value, unit, details from upkeep.finding;
               update upkeep.answer set status = 'breach' where target = 'other'""",
            "every finding is there once: 2 of 2",
        ),
        ("update upkeep.metric set value = 'NaN' where name = 'sequence_used'", "no metric is NaN: 2 of 6"),
        ("update upkeep.metric set value = 'Infinity' where unit = 'bytes'", "no metric is infinite: 2 of 6"),
        ("update upkeep.metric set value = '-Infinity' where unit = 'bytes'", "no metric is infinite: 2 of 6"),
        ("update upkeep.metric set value = 31 where name = 'connections_used'", "between 0 and 10"),
        ("update upkeep.metric set value = -0.1 where name = 'connections_used'", "between 0 and 10"),
        (
            "update upkeep.metric set numerator = 3, denominator = 4 where name = 'sequence_used'",
            "divided by its denominator: 2 of 6",
        ),
        ("update upkeep.metric set unit = 'furlongs' where unit = 'bytes'", "metric's unit is a known one: 2 of 6"),
        ("update upkeep.metric set at = window_end + interval '1 s' where unit = 'bytes'", "lies in its window: 2 of 6"),
        ("update upkeep.metric set at = window_start - interval '1 s' where unit = 'bytes'", "lies in its window: 2 of 6"),
    ],
)
def test_each_kind_of_bad_row(good: Store, damage: str, complaint: str) -> None:
    good.run("select upkeep.ensure_metric_month('2026-02-01')")
    with good.connection.transaction(force_rollback=True):
        good.run(damage)
        verdict = judge(good)
    assert not verdict.passed
    assert [f for f in verdict.failures if complaint in f], verdict.failures
    assert len(verdict.failures) == 1, verdict.failures
    assert verdict.expectations == 18


def test_twenty_thousand_metrics_take_under_two_seconds(good: Store) -> None:
    rows = (Metric(name="m", value=i, unit=Unit.COUNT, labels={"i": str(i)}) for i in range(20_000))
    with good.connection.transaction(force_rollback=True):
        good.put(Answer.judged("many", metrics=rows))
        begun = time.process_time()
        assert judge(good).passed
        assert time.process_time() - begun < 2
