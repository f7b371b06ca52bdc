"""unlogged_tables: size decides."""

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Severity
from upkeep.checks.database.unlogged_tables import unlogged_tables


@pytest.mark.baseline
def test_logged_tables_are_fine(lab: Lab) -> None:
    lab.run("create table t as select 1 as id; analyze")
    assert rules(lab.ask(unlogged_tables, min_mb=0.001)) == []


@pytest.mark.near_miss
def test_a_small_one_is_fine(lab: Lab) -> None:
    lab.run("create unlogged table t as select 1 as id; analyze")
    assert rules(lab.ask(unlogged_tables)) == []


@pytest.mark.near_miss
def test_a_temporary_one_is_fine(lab: Lab) -> None:
    lab.session().execute("create temporary table t as select 1 as id; analyze t")
    assert rules(lab.ask(unlogged_tables, min_mb=0.001)) == []


@pytest.mark.fault
def test_a_large_one_is_found(lab: Lab) -> None:
    lab.run('create unlogged table "T ä" as select 1 as id; analyze')
    answer = lab.ask(unlogged_tables, min_mb=0.001)
    assert rules(answer) == [("unlogged_table", 'public."T ä"')]
    assert answer.worst is Severity.LOW
    assert lab.ask(unlogged_tables, min_mb=0.001, medium_mb=0.002).worst is Severity.MEDIUM
    lab.run(answer.findings[0].remedy)
    assert rules(lab.ask(unlogged_tables, min_mb=0.001)) == []


@pytest.mark.fault
def test_a_partition_is_named(lab: Lab) -> None:
    lab.run("create table t (day int) partition by range (day); create table kept partition of t for values from (1) to (2)")
    lab.run("create unlogged table lost partition of t for values from (2) to (3); insert into t values (1), (2); analyze")
    assert rules(lab.ask(unlogged_tables, min_mb=0.001)) == [("unlogged_table", "public.lost")]
