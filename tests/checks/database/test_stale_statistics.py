"""stale_statistics: never, not since, and far off."""

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.database.stale_statistics import stale_statistics


def change(lab: Lab, *statements: str) -> None:
    """Run statements in one session and have them counted."""
    session = lab.session()
    for statement in statements:
        session.execute(statement.encode())
        session.execute("select pg_stat_force_next_flush()")
    session.close()


def plant(lab: Lab, rows: int = 20_000) -> None:
    """An analyzed table."""
    change(lab, 'create table "t ä" (id int)', f'insert into "t ä" select generate_series(1, {rows})', 'analyze "t ä"')


def ask(lab: Lab, **thresholds: float) -> Answer:
    return lab.ask(stale_statistics, **{"min_hours": 0, **thresholds})  # type: ignore[arg-type]


@pytest.mark.baseline
def test_analyzed_tables(lab: Lab) -> None:
    plant(lab)
    answer = ask(lab)
    assert answer.status is Status.OK
    assert answer.summary == "stale statistics in 0 of 1 table; most changes 0.0 times the threshold"


@pytest.mark.near_miss
def test_twice_the_threshold(lab: Lab) -> None:
    plant(lab)
    change(lab, 'update "t ä" set id = 0 where id <= 4000')
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_analyzed_a_moment_ago(lab: Lab) -> None:
    plant(lab)
    change(lab, 'update "t ä" set id = 0 where id <= 15000')
    assert rules(lab.ask(stale_statistics)) == []


@pytest.mark.near_miss
def test_a_table_with_its_own_threshold(lab: Lab) -> None:
    plant(lab)
    lab.run('alter table "t ä" set (autovacuum_analyze_scale_factor = 0.5)')
    change(lab, 'update "t ä" set id = 0 where id <= 15000')
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_small_and_empty_tables(lab: Lab) -> None:
    change(lab, "create table empty (id int)", "create table small (id int)", "insert into small select generate_series(1, 900)")
    answer = ask(lab)
    assert rules(answer) == []
    assert {m.name: m.value for m in answer.metrics}["changes_over_threshold"] == 0


@pytest.mark.near_miss
def test_lost_counters_are_no_lost_rows(lab: Lab) -> None:
    plant(lab)
    lab.run("select pg_stat_reset()")
    assert rules(ask(lab)) == []


@pytest.mark.fault
def test_many_changes(lab: Lab) -> None:
    plant(lab)
    lab.run('alter table "t ä" set (autovacuum_enabled = off)')
    change(lab, 'update "t ä" set id = 0 where id <= 15000')
    answer = ask(lab)
    assert rules(answer) == [("changed_since_analyze", 'public."t ä"')]
    assert answer.worst is Severity.MEDIUM
    assert (answer.findings[0].value, answer.findings[0].limit) == (15_000, 3 * (50 + 0.1 * 20_000))
    assert {m.name: m.value for m in answer.metrics}["changes_over_threshold"] == pytest.approx(15_000 / 2050)
    assert "most changes 7.3 times the threshold" in answer.summary
    assert answer.findings[0].remedy.startswith('analyze public."t ä"; -- autovacuum is off')


@pytest.mark.fault
def test_a_tighter_threshold_of_its_own(lab: Lab) -> None:
    plant(lab)
    lab.run('alter table "t ä" set (autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 10)')
    change(lab, 'update "t ä" set id = 0 where id <= 2000')
    assert rules(ask(lab)) == [("changed_since_analyze", 'public."t ä"')]


@pytest.mark.fault
def test_never_analyzed(lab: Lab) -> None:
    change(lab, "create table t (id int)", "insert into t select generate_series(1, 2000)")
    assert rules(ask(lab)) == [("never_analyzed", "public.t")]
    assert rules(ask(lab, min_rows=2000)) == [("never_analyzed", "public.t")]
    assert rules(ask(lab, min_rows=2001)) == []


@pytest.mark.fault
def test_one_that_was_vacuumed_while_it_was_empty(lab: Lab) -> None:
    change(lab, "create table t (id int)", "vacuum t", "insert into t select generate_series(1, 2000)")
    assert rules(ask(lab)) == [("changed_since_analyze", "public.t")]


@pytest.mark.fault
def test_a_partitioned_table_that_only_its_partitions_know(lab: Lab) -> None:
    change(
        lab,
        "create table p (id int) partition by range (id)",
        "create table p1 partition of p for values from (0) to (9000)",
        "insert into p select generate_series(1, 2000)",
        "analyze p1",
    )
    assert rules(ask(lab)) == [("never_analyzed", "public.p")]
    lab.run("analyze p")
    assert rules(ask(lab)) == []


@pytest.mark.fault
def test_an_estimate_far_off(lab: Lab) -> None:
    plant(lab)
    change(lab, 'delete from "t ä" where id > 1000')
    answer = ask(lab, times=1000)
    assert rules(answer) == [("row_estimate_off", 'public."t ä"')]
    assert answer.findings[0].value == pytest.approx(20)
    assert rules(ask(lab, times=1000, off_times=21)) == rules(ask(lab, times=1000, off_rows=20_001)) == []


@pytest.mark.fault
def test_a_partitioned_table_whose_own_statistics_are_old(lab: Lab) -> None:
    lab.run("create table p (id int) partition by range (id); create table p1 partition of p for values from (0) to (1000000)")
    lab.run("insert into p select generate_series(1, 2000)")
    lab.run("analyze p")
    assert rules(lab.ask(stale_statistics, min_hours=0)) == []
    lab.run("insert into p select generate_series(2001, 60000)")
    lab.run("analyze p1")
    answer = lab.ask(stale_statistics, min_hours=0)
    assert rules(answer) == [("row_estimate_off", "public.p")]
    lab.run("update p set id = id + 100000")
    assert ("changed_since_analyze", "public.p") in rules(lab.ask(stale_statistics, min_hours=0))
