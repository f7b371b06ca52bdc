"""The gate: silent about good rows, every suite found, and messages that say table, rows and way out."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.data_quality.conftest import TODAY, Store, day, judge, put
from tests.growth import calls
from upkeep.answer import Answer, Metric
from upkeep.data_quality.gate import validate
from upkeep.data_quality.suite import Expectation, Suite, between, found
from upkeep.store.quality_result import QualityResult, put_quality_result, stored_quality_result
from upkeep.units import Unit
from upkeep.window import Cadence

ALL = sum(len(suite.expectations) for suite in found())


@pytest.mark.baseline
def test_good_rows_pass_every_suite(good: Store) -> None:
    assert judge(good) == QualityResult(expectations=ALL)
    assert ALL >= 15


@pytest.mark.baseline
def test_nothing_asked_and_nothing_stored_is_no_failure(good: Store) -> None:
    assert validate(good.connection, Cadence.WEEKLY, day(0), []) == QualityResult(expectations=ALL)


@pytest.mark.baseline
def test_the_first_day_has_nothing_to_compare_with(good: Store) -> None:
    assert judge(good, number=0).passed


@pytest.mark.near_miss
def test_bad_rows_of_other_windows_do_not_count(good: Store) -> None:
    put(good, Answer.judged("x", metrics=[Metric(name="m", value=float("nan"), unit=Unit.COUNT)]), TODAY - 1)
    assert judge(good, "metric", "answer", "finding").failures == ()


@pytest.mark.fault
def test_a_failure_says_table_rows_and_what_to_do(good: Store) -> None:
    good.run("update upkeep.metric set value = 'NaN' where labels ? 'sequence'")
    (failure,) = judge(good, "metric").failures
    assert failure.startswith("upkeep.metric: no metric is NaN: 2 of 6 are not so (")
    assert 'sequences about other: sequence_used {"sequence": "public.a_id_seq"}; sequences about shop: ' in failure
    assert failure.endswith("). The duty divided by nothing: correct it, then clear its task")


@pytest.mark.fault
def test_many_rows_are_counted_and_a_few_are_named(good: Store) -> None:
    rows = (Metric(name="m", value=-1, unit=Unit.SHARE, labels={"i": str(i)}) for i in range(2_000))
    put(good, Answer.judged("many", metrics=rows), TODAY)
    (failure,) = judge(good, "metric").failures
    assert "2,000 of 2,003 are not so (" in failure
    assert "; …)" in failure
    assert len(failure) < 600


@pytest.mark.fault
def test_a_suite_that_cannot_be_tested_does_not_pass(good: Store) -> None:
    broken = next(suite for suite in found() if suite.name == "metric")
    wrong = Expectation("it has a column", *between("no_such_column", 0, 1), "Correct the suite")
    result = validate(good.connection, Cadence.DAILY, day(TODAY), [], [replace(broken, expectations=(wrong,))])
    assert not result.passed
    assert "upkeep.metric: it has a column: could not be tested (" in result.failures[0]


def test_a_domain_adds_a_file(good: Store, tmp_path: Path) -> None:
    (tmp_path / "spend.sql").write_text("-- Days of spend.\nselect 'shop' as about, 3 as euros\norder by about\n")
    few = Expectation("no day costs more than 2", *between("euros", most=2), "See the bill")
    result = validate(good.connection, Cadence.DAILY, day(TODAY), [], [Suite(tmp_path / "spend.py", "upkeep.spend", (few,))])
    assert result.failures == ("upkeep.spend: no day costs more than 2: 1 of 1 are not so (shop). See the bill",)


def test_the_result_is_stored_once_however_often(good: Store) -> None:
    assert stored_quality_result(good.connection, Cadence.DAILY, day(0)) is None
    for failures in (("a",), ("a", "b"), ()):
        for _ in range(2):
            put_quality_result(good.connection, Cadence.DAILY, day(0), QualityResult(18, failures))
        assert stored_quality_result(good.connection, Cadence.DAILY, day(0)) == QualityResult(18, failures)
    assert good.value("select count(*) from upkeep.report where name = 'quality'") == 1


def test_twenty_thousand_metrics_take_few_calls_each(good: Store) -> None:
    for number in range(TODAY - 7, TODAY + 1):
        rows = (
            Metric(name="m", value=i, unit=Unit.COUNT, labels={"i": str(i)}) for i in range(20_000 if number == TODAY else 4_000)
        )
        put(good, Answer.judged("many", metrics=rows), number)
    assert judge(good).passed
    assert calls(lambda: judge(good)) < 100 * 20_000
