"""query_performance: what statements cost between two looks."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.lab import Lab, Past, fresh_database, rules
from tests.replica import wait_until
from upkeep.answer import Answer, Metric, Severity, Status
from upkeep.checks.database.query_performance import query_performance
from upkeep.checks.database.table_bloat import table_bloat
from upkeep.sources.scratch import ScratchServer
from upkeep.units import Unit

AVAILABLE = "select exists (select from pg_available_extensions where name = 'pg_stat_statements')"
NOW: dict[str, Any] = {"min_span_minutes": 0}


@pytest.fixture(autouse=True)
def extension(lab: Lab) -> None:
    lab.run("create extension pg_stat_statements; select pg_stat_statements_reset()")


def first(lab: Lab) -> Past:
    """What the first look remembers, as the store gives it back."""
    return Past(remembered=json.loads(json.dumps(lab.ask(query_performance, **NOW).state)))


def again(lab: Lab, past: Past, **thresholds: Any) -> Answer:
    return lab.ask(query_performance, history=past, **{**NOW, **thresholds})


def row(answer: Answer, word: str) -> dict[str, Any]:
    return next(r for r in answer.evidence["dearest"] if word in (r["text"] or ""))


def many(lab: Lab, sql: str, times: int) -> None:
    with lab.session() as session:
        for _ in range(times):
            session.execute(sql.encode(), prepare=False)


def distinct(number: int) -> str:
    """A statement whose shape no other number has: one operator per binary digit."""
    return "select 1" + "".join(f" {'+' if digit == '1' else '-'} 1" for digit in f"{number:013b}")


@pytest.mark.baseline
def test_quick_statements_are_fine(lab: Lab) -> None:
    past = first(lab)
    many(lab, "select 1 as quick", 200)
    answer = again(lab, past)
    assert answer.status is Status.OK
    assert row(answer, "quick")["calls"] == 200
    assert {m.name for m in answer.metrics} >= {"statement_total_ms", "statement_wal_bytes", "statements_span"}


@pytest.mark.near_miss
def test_too_few_calls(lab: Lab) -> None:
    past = first(lab)
    many(lab, "select pg_sleep(0.03)", 9)
    assert rules(again(lab, past, slow_mean_ms=20, slow_calls=10)) == []


@pytest.mark.near_miss
def test_slow_before_the_last_run_only(lab: Lab) -> None:
    many(lab, "select pg_sleep(0.03)", 10)
    past = first(lab)
    assert rules(again(lab, past, slow_mean_ms=20, slow_calls=10)) == []


@pytest.mark.fault
def test_slow_on_average(lab: Lab) -> None:
    past = first(lab)
    many(lab, "select pg_sleep(0.03), 'somebody@example.org'", 10)
    answer = again(lab, past, slow_mean_ms=20, slow_calls=10)
    assert [f.rule for f in answer.findings] == ["statement_slow"]
    assert answer.worst is Severity.MEDIUM
    assert "ms on average over 10 calls (limit 20 ms)" in answer.findings[0].title
    assert 30 <= (answer.findings[0].value or 0) < 1000
    assert again(lab, past, slow_mean_ms=2, slow_calls=10).worst is Severity.HIGH
    assert "example.org" not in json.dumps(answer.evidence) + answer.findings[0].remedy


@pytest.mark.fault
def test_a_statement_that_spills_and_one_that_writes(lab: Lab) -> None:
    past = first(lab)
    lab.run("set work_mem = '64kB'; select count(*) from (select i from generate_series(1, 200000) i order by i desc) x")
    lab.run("create table t as select i from generate_series(1, 50000) i")
    answer = again(lab, past, temp_gb_per_day=0.001, wal_gb_per_day=0.001)
    assert {f.rule: f.limit for f in answer.findings} == {"statement_temp_files": 1e6, "statement_wal": 1e6}
    assert all(f.value >= 1e6 and f.severity is Severity.MEDIUM for f in answer.findings if f.value)
    assert rules(again(lab, past, temp_gb_per_day=1, wal_gb_per_day=1)) == []


@pytest.mark.fault
def test_busy_all_the_time(lab: Lab) -> None:
    past = first(lab)
    many(lab, "select pg_sleep(0.5)", 1)
    found = again(lab, past, busy_sessions=0.3).findings
    assert [(f.rule, f.unit) for f in found] == [("statement_busy", Unit.COUNT)]
    assert 0.3 <= (found[0].value or 0) <= 1


@pytest.mark.fault
def test_evictions_make_the_figures_a_lower_bound(lab: Lab) -> None:
    past = first(lab)
    for i in range(0, 6000, 500):
        lab.run("; ".join(distinct(j) for j in range(i, i + 500)))
    answer = again(lab, past, turnovers_per_day=0.1)
    assert rules(answer) == [("statements_evicted", "pg_stat_statements")]
    assert answer.worst is Severity.LOW
    assert 0.1 <= (answer.findings[0].value or 0) < 1
    assert rules(again(lab, past)) == []


def test_a_difference_not_a_total(lab: Lab) -> None:
    many(lab, "select 2 as tally", 7)
    past = first(lab)
    many(lab, "select 2 as tally", 5)
    many(lab, "select true as fresh, false", 2)
    answer = again(lab, past)
    assert row(answer, "tally")["calls"] == 5
    assert not row(answer, "tally")["new"]
    assert row(answer, "fresh")["new"]


def test_a_reset_in_between(lab: Lab) -> None:
    many(lab, "select 2 as tally", 7)
    past = first(lab)
    lab.run("select pg_stat_statements_reset()")
    many(lab, "select 2 as tally", 5)
    answer = again(lab, past)
    assert row(answer, "tally")["calls"] == 5
    assert "since the last reset" in answer.summary


def test_one_entry_reset_that_came_back(lab: Lab) -> None:
    many(lab, "select 2 as tally", 7)
    past = first(lab)
    lab.run("select pg_stat_statements_reset(0, 0, queryid) from pg_stat_statements where query like '%tally%'")
    many(lab, "select 2 as tally", 9)
    assert row(again(lab, past), "tally")["calls"] == 9


def test_gone_since_the_last_run(lab: Lab) -> None:
    past = first(lab)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    past.measured = [Metric(name="statement_total_ms", value=9, unit=Unit.MILLISECONDS, labels={"query": "42"}, at=yesterday)]
    assert again(lab, past).evidence["gone"] == ["42"]


def test_too_early_keeps_the_older_memory(lab: Lab) -> None:
    answer = lab.ask(query_performance)
    assert answer.status is Status.UNKNOWN
    assert "at least 10 are needed" in answer.summary
    assert answer.state is not None
    assert lab.ask(query_performance, history=Past(remembered=answer.state)).state is None


def test_secrets_of_utility_statements_are_not_kept(lab: Lab) -> None:
    past = first(lab)
    lab.run("comment on database postgres is 'somebody@example.org'")
    answer = again(lab, past)
    assert row(answer, "comment on database")["text"] == "comment on database postgres is ?"


def test_without_the_extension(lab: Lab) -> None:
    lab.run("drop extension pg_stat_statements")
    answer = lab.ask(query_performance)
    assert answer.status is Status.UNKNOWN
    assert "create extension if not exists pg_stat_statements" in answer.evidence["remedy"]


def test_every_version(every_server: ScratchServer) -> None:
    with fresh_database(every_server, "lab_every_version") as old:
        if not old.value(AVAILABLE):
            assert old.ask(query_performance).status is Status.UNKNOWN
            return
        old.run("create extension pg_stat_statements; select pg_stat_statements_reset()")
        past = first(old)
        many(old, "select 2 as tally", 3)
        assert row(again(old, past), "tally")["calls"] == 3


def test_an_extension_left_old_by_an_upgrade(lab: Lab) -> None:
    lab.run("drop extension pg_stat_statements; create extension pg_stat_statements version '1.8'")
    assert lab.ask(query_performance).summary.startswith("first look")
    past = first(lab)
    many(lab, "select 2 as tally", 3)
    assert row(again(lab, past), "tally")["calls"] == 3


@pytest.mark.parametrize("conforming", ["on", "off"])
def test_no_constant_of_a_utility_statement_comes_out_however_it_is_written(lab: Lab, conforming: str) -> None:
    literals = ["'{}'", "E'x\\'{}'", "$a$it's {}$a$", "E'a' -- it's\n '\\'{}'", "U&'{}'" if conforming == "on" else "'it\\'s {}'"]
    lab.run("".join(f"create table t{number} (a int);" for number in range(len(literals))))
    past = first(lab)
    with lab.session() as session:
        session.execute(f"set standard_conforming_strings = {conforming}; set backslash_quote = on".encode())
        for number, literal in enumerate(literals):
            session.execute(f"comment on table t{number} is {literal.format('hunter2')}".encode())
            session.execute(f"comment on column t{number}.a is {literal.format('x' * 3990 + 'hunter2')}".encode())
        session.execute(b"set app.token = hunter2")
    answer = again(lab, past)
    assert "comment on table t" in json.dumps(answer.evidence)
    assert "hunter2" not in json.dumps(answer.evidence) + str(answer.findings)


@pytest.mark.near_miss
def test_an_extension_that_does_not_tell_nested_statements_apart(lab: Lab) -> None:
    lab.run("drop extension pg_stat_statements; create extension pg_stat_statements version '1.8'")
    lab.run("create function twice() returns int language plpgsql as 'begin perform count(*) from pg_class; return 1; end'")
    lab.run("alter system set pg_stat_statements.track = 'all'")
    lab.run("select pg_reload_conf()")
    wait_until(lab.server, "select current_setting('pg_stat_statements.track') = 'all'")
    try:
        many(lab, "select twice()", 3)
        many(lab, "select count(*) from pg_class", 5)
        past = first(lab)
        many(lab, "select twice()", 2)
        many(lab, "select count(*) from pg_class", 1)
        answer = again(lab, past)
        calls = sum(r["calls"] for r in answer.evidence["dearest"] if "from pg_class" in (r["text"] or ""))
        assert calls <= 3
    finally:
        lab.run("alter system reset pg_stat_statements.track")
        lab.run("select pg_reload_conf()")


@pytest.mark.fault
def test_a_server_that_gives_statements_no_id_counts_none(lab: Lab) -> None:
    past = first(lab)
    lab.run("alter system set compute_query_id = off")
    lab.run("select pg_reload_conf()")
    wait_until(lab.server, "select current_setting('compute_query_id') = 'off'")
    try:
        answer = again(lab, past)
        assert answer.status is Status.UNKNOWN
        assert "compute_query_id is off" in answer.summary
        assert answer.evidence["remedy"].startswith("alter system set compute_query_id = 'auto'")
    finally:
        lab.run("alter system reset compute_query_id")
        lab.run("select pg_reload_conf()")


def test_a_schema_that_may_not_be_looked_into_is_unknown_with_the_grant(lab: Lab) -> None:
    lab.run('drop extension pg_stat_statements; create schema "Moni tor"')
    lab.run('create extension pg_stat_statements schema "Moni tor"; create extension pgstattuple schema "Moni tor"')
    lab.run("drop role if exists outsider; create role outsider login in role pg_monitor")
    answer = lab.ask(query_performance, user="outsider", **NOW)
    assert answer.status is Status.UNKNOWN
    assert answer.evidence["remedy"] == 'grant usage on schema "Moni tor" to outsider;'
    assert "does not offer" not in lab.ask(table_bloat, user="outsider").summary
    lab.run(answer.evidence["remedy"])
    assert lab.ask(query_performance, user="outsider", **NOW).status is Status.OK
    lab.run("drop owned by outsider; drop role outsider")
