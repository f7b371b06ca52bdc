"""What holds for every suite, whoever adds one. Each message says the way out."""

import re
from pathlib import Path

import pytest

from upkeep.data_quality import suites
from upkeep.data_quality.suite import Suite, found

HERE = Path(__file__).parent
MARKERS = ("baseline", "near_miss", "fault")

every_suite = pytest.mark.parametrize("suite", found(), ids=lambda suite: suite.name)


def test_every_file_is_found() -> None:
    folder = Path(suites.__file__).parent
    assert sorted(p.stem for p in folder.glob("*.py") if p.stem != "__init__") == [suite.name for suite in found()]
    assert sorted(p.stem for p in folder.glob("*.sql")) == [suite.name for suite in found()], "each has its SQL beside it"


@every_suite
def test_it_says_its_table_and_what_to_do(suite: Suite) -> None:
    assert re.fullmatch(r"upkeep\.[a-z_]+", suite.table), f"{suite.name}: write the table with its schema"
    assert suite.expectations
    for each in suite.expectations:
        assert len(each.remedy) > 10, f"{suite.name}: say what to do where '{each.says}' is not met"
        assert not each.says.endswith("."), f"{suite.name}: '{each.says}' is followed by a colon"
    assert len({each.says for each in suite.expectations}) == len(suite.expectations)


@every_suite
def test_its_question_names_each_row_and_pastes_into_psql(suite: Suite) -> None:
    assert re.match(r"-- \S.{20,}", suite.sql), f"{suite.name}.sql: begin with a comment that says what is found"
    assert re.search(r"\bas about\b", suite.sql), f"{suite.name}.sql: the column about names a row for people"
    assert "%%" not in suite.sql, f"{suite.name}.sql: what psql cannot read"
    assert re.search(r"\border by\b[^;]*\Z", suite.sql), f"{suite.name}.sql: end with an order by"
    assert not re.search(r"\b(now|clock_timestamp|current_date)\b", suite.sql), f"{suite.name}.sql: time comes as a parameter"


@every_suite
def test_it_does_not_repeat_a_constraint(suite: Suite) -> None:
    kinds = {each.test for each in suite.expectations}
    held = kinds & {"ExpectColumnValuesToBeUnique", "ExpectColumnValuesToMatchRegex", "ExpectColumnValueLengthsToBeBetween"}
    assert not held, f"{suite.name}: keys and forms belong into a constraint of the migration"


@every_suite
def test_it_is_tested_healthy_near_and_faulty(suite: Suite) -> None:
    path = HERE / f"test_{suite.name}.py"
    assert path.exists(), f"write {path.name}"
    text = path.read_text(encoding="utf-8")
    assert not [m for m in MARKERS if f"mark.{m}" not in text], f"{path.name}: mark a baseline, a near miss and a fault"
    faults = text.count("only_failure(") + text.count("FAULTS = ")
    assert faults, f"{path.name}: plant a fault for each expectation"
