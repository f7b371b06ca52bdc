"""lost_statistics: what a crash and a reset take, and that ANALYZE gives it back."""

import pytest

from tests.checks.database.test_temporary_schemas import crash, database_to_crash
from tests.lab import Lab, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.database.lost_statistics import lost_statistics
from upkeep.sources.scratch import ScratchServer

MAKE = 'create table "T ä" as select generate_series(1, 500) as id; analyze "T ä"'


def ask(lab: Lab) -> Answer:
    return lab.ask(lost_statistics, min_rows=500)


@pytest.mark.baseline
def test_counted_tables(every_lab: Lab) -> None:
    every_lab.run(MAKE)
    answer = ask(every_lab)
    assert (answer.status, answer.summary) == (Status.OK, "the counters know nothing of 0 of 1 table of 500 rows or more")


@pytest.mark.near_miss
@pytest.mark.parametrize("empty", ["truncate t", "delete from t", "vacuum (full) t", "alter table t alter column id type bigint"])
def test_a_table_that_was_emptied_or_rewritten(lab: Lab, empty: str) -> None:
    lab.run("create table t as select generate_series(1, 600) as id")
    lab.run("create index on t (id)")
    lab.run(empty)
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_small_tables(lab: Lab) -> None:
    lab.run("create table t as select generate_series(1, 499) as id; analyze t")
    lab.run("select pg_stat_reset()")
    assert rules(ask(lab)) == []


@pytest.mark.fault
def test_a_reset(lab: Lab) -> None:
    lab.run(MAKE)
    lab.run("select pg_stat_reset()")
    answer = ask(lab)
    assert (rules(answer), answer.worst) == ([("statistics_lost", lab.database)], Severity.MEDIUM)
    assert 'such as public."T ä"' in answer.findings[0].title
    lab.run(answer.findings[0].remedy)
    assert rules(ask(lab)) == []


@pytest.mark.fault
def test_a_crash(every_server: ScratchServer) -> None:
    with database_to_crash(every_server, "crashed") as lab:
        lab.run(MAKE)
        lab.run("checkpoint")
        crash(every_server)
        answer = ask(lab)
        assert rules(answer) == [("statistics_lost", "crashed")]
        assert "(counted since 20" in answer.findings[0].title
        lab.run(answer.findings[0].remedy)
        assert rules(ask(lab)) == []
