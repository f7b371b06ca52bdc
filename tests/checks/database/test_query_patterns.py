"""query_patterns: what a week of queries does otherwise than the week before, and what only looks so."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.lab import Lab, Past, asking, rules
from upkeep.answer import Answer, Status
from upkeep.checks.database.partman import told_findings
from upkeep.checks.database.plan_history import Kept, newest_plans, skeleton, worse
from upkeep.checks.database.query_patterns import query_patterns
from upkeep.checks.database.slow_queries import slow_queries
from upkeep.checks.database.traffic import traffic
from upkeep.duty import History
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import session
from upkeep.sources.rows import Rows
from upkeep.store.answers import Provenance, connected, save
from upkeep.store.migrate import migrate
from upkeep.targets.database import Database
from upkeep.window import Window

LOOSE: dict[str, Any] = {"min_span_hours": 0, "least_seconds": 0, "costly_share": 0.2, "loop_calls": 50}
NOW = datetime.now(UTC)
DAY = Window(NOW - timedelta(days=1), NOW)


class Plans(Rows):
    """Stands in for what the daily runs kept."""

    def __init__(self, kept: list[Kept]) -> None:
        self._kept = kept

    def __call__(self, asker: str, row: type[Any], params: Any = None) -> list[Any]:
        """What was given, to whom it is for."""
        assert (asker.endswith("plan_history.py"), row, params["target"]) == (True, Kept, "lab")
        return self._kept


@pytest.fixture(autouse=True)
def extension(lab: Lab) -> None:
    lab.run("create extension pg_stat_statements; select pg_stat_statements_reset()")


def look(lab: Lab, state: Any = None, plans: list[Kept] | None = None, **thresholds: Any) -> Answer:
    target = Database(name="lab", owner="tester", connection="lab", thresholds={"query_patterns": {**LOOSE, **thresholds}})
    asked = asking(query_patterns, target, OneDatabase(lab.endpoint))
    return ask(asked, {History: Past(remembered=state), Rows: Plans(plans or [])})


def remembered(lab: Lab, state: Any = None, plans: list[Kept] | None = None) -> Any:
    """What a look remembers, as the store gives it back."""
    return json.loads(json.dumps(look(lab, state, plans).state))


def run(lab: Lab, sql: str, times: int = 1, *, together: bool = False) -> None:
    """Run a statement so often, each in a transaction of its own or all in one."""
    with lab.session(autocommit=not together) as session:
        for _ in range(times):
            session.execute(sql.encode(), prepare=False)
        if together:
            session.commit()
        # Counters of transactions and tables are told when a session goes idle or ends.
        session.execute(b"select pg_stat_force_next_flush()")


def kinds(answer: Answer) -> dict[str, str]:
    """Kind by text of the shapes that matter here."""
    return {getattr(r, "text", ""): getattr(r, "kind", "") for r in answer.records}


def kind_of(answer: Answer, word: str) -> str:
    return next(kind for text, kind in kinds(answer).items() if word in text)


@pytest.mark.baseline
def test_the_same_week_again(lab: Lab) -> None:
    run(lab, "select pg_sleep(0.01), 1 as steady", 20)
    state = remembered(lab)
    run(lab, "select pg_sleep(0.01), 1 as steady", 20)
    again = remembered(lab, state)
    run(lab, "select pg_sleep(0.01), 2 as steady", 20)
    answer = look(lab, again, changed_times=1e9)
    assert rules(answer) == []
    assert kind_of(answer, "steady") == "steady"


@pytest.mark.baseline
def test_the_first_look_is_unknown_and_remembers(lab: Lab) -> None:
    run(lab, "select pg_sleep(0.01), 1 as steady", 5)
    answer = look(lab)
    assert (answer.status, answer.summary) == (Status.UNKNOWN, "first look: the next one can compare")
    assert answer.state
    assert any("steady" in text for text, *_ in answer.state["shapes"].values())


@pytest.mark.near_miss
def test_too_soon_keeps_what_is_remembered(lab: Lab) -> None:
    answer = look(lab, remembered(lab), min_span_hours=1)
    assert (answer.status, answer.state) == (Status.UNKNOWN, None)


@pytest.mark.fault
def test_a_new_query_that_costs(lab: Lab) -> None:
    run(lab, "select pg_sleep(0.01), 1 as steady", 10)
    state = remembered(lab, remembered(lab))
    run(lab, "select pg_sleep(0.3), 1 as fresh, 2")
    answer = look(lab, state)
    found = next(f for f in answer.findings if f.rule == "query_new_and_costly")
    assert "fresh" in found.title
    assert kind_of(answer, "fresh") == "new"


@pytest.mark.near_miss
def test_a_new_query_that_costs_little(lab: Lab) -> None:
    run(lab, "select pg_sleep(0.01), 1 as steady", 10)
    state = remembered(lab)
    run(lab, "select pg_sleep(0.3), 1 as steady")
    run(lab, "select 1 as fresh, 2")
    assert "query_new_and_costly" not in [rule for rule, _ in rules(look(lab, state))]


@pytest.mark.near_miss
def test_a_table_made_anew_makes_no_new_query(lab: Lab) -> None:
    lab.run("create table t as select 1 as id")
    run(lab, "select id, pg_sleep(0.1) from t where id = 1", 2)
    state = remembered(lab)
    lab.run("drop table t; create table t as select 1 as id")
    run(lab, "select id, pg_sleep(0.1) from t where id = 1", 2)
    answer = look(lab, state)
    assert kind_of(answer, "from t where id") != "new"
    assert "query_new_and_costly" not in [rule for rule, _ in rules(answer)]


@pytest.mark.fault
def test_a_dear_query_that_vanished(lab: Lab) -> None:
    run(lab, "select pg_sleep(0.3), 1 as nightly, 2")
    state = remembered(lab)
    run(lab, "select 1 as other")
    answer = look(lab, state)
    found = next(f for f in answer.findings if f.rule == "query_vanished")
    assert "nightly" in found.title
    assert kind_of(answer, "nightly") == "vanished"


@pytest.mark.fault
def test_a_query_that_runs_far_more_often(lab: Lab) -> None:
    run(lab, "select pg_sleep(0.001), 1 as often")
    state = remembered(lab)
    shape = next(key for key, (text, *_) in state["shapes"].items() if "often" in text)
    state["shapes"][shape][1:] = [0.1, 0.1, 0.1]
    run(lab, "select pg_sleep(0.001), 1 as often", 100)
    answer = look(lab, state)
    assert ("query_changed", shape) in rules(answer)
    assert "times as often as before" in next(f.title for f in answer.findings if f.rule == "query_changed")


@pytest.mark.near_miss
@pytest.mark.parametrize("what", ["reset", "upgrade", "evictions"])
def test_what_only_looks_new(lab: Lab, what: str) -> None:
    run(lab, "select pg_sleep(0.01), 1 as steady", 10)
    state = remembered(lab)
    if what == "reset":
        lab.run("select pg_stat_statements_reset()")
    if what == "upgrade":
        state["major"] -= 1
    if what == "evictions":
        state["statements"]["evictions"] = (state["statements"]["evictions"] or 0) - 1_000
    run(lab, "select pg_sleep(0.3), 1 as fresh, 2")
    answer = look(lab, state)
    assert (answer.status, rules(answer)) == (Status.UNKNOWN, [])
    params = {"reset": "was reset", "upgrade": "was upgraded from", "evictions": "times its size"}
    assert "not compared: " in answer.summary
    assert params[what] in answer.summary
    assert answer.state, "the next look compares with this one"


@pytest.mark.fault
def test_a_loop_of_small_queries(lab: Lab) -> None:
    lab.run("create table item as select generate_series(1, 200) as id")
    state = remembered(lab)
    run(lab, "select id from item where id = 7", 200, together=True)
    answer = look(lab, state)
    found = next(f for f in answer.findings if f.rule == "query_in_a_loop")
    assert "from item where id" in found.title
    assert (found.value or 0) > 5


@pytest.mark.near_miss
def test_as_many_queries_each_in_a_transaction_of_its_own(lab: Lab) -> None:
    lab.run("create table item as select generate_series(1, 200) as id")
    state = remembered(lab)
    run(lab, "select id from item where id = 7", 200)
    assert "query_in_a_loop" not in [rule for rule, _ in rules(look(lab, state))]


def scanned(lab: Lab, times: int) -> Any:
    lab.run("create table large as select generate_series(1, 20000) as id; create index on large (id); analyze large")
    run(lab, "select count(*) from large")
    state = remembered(lab)
    run(lab, "select count(*) from large where id % 7 = 3", times)
    return state


@pytest.mark.fault
def test_a_large_table_read_whole(lab: Lab) -> None:
    state = scanned(lab, 30)
    assert ("large_table_read_whole", "public.large") in rules(look(lab, state, large_mb=0.1, scans_per_day=1))


@pytest.mark.near_miss
def test_small_tables_and_reads_by_an_index_are_fine(lab: Lab) -> None:
    state = scanned(lab, 30)
    assert "large_table_read_whole" not in [rule for rule, _ in rules(look(lab, state, scans_per_day=1))], "too small"
    state = remembered(lab, state)
    run(lab, "select id from large where id = 3", 50)
    assert "large_table_read_whole" not in [rule for rule, _ in rules(look(lab, state, large_mb=0.1, scans_per_day=1))]


BY_INDEX = "Index Scan using orders_at on orders o  (cost=0.4..8.4 rows=1 width=8)\n  Index Cond: (at > $1)"
WHOLE = "Gather  (cost=1..2 rows=3 width=4)\n  ->  Parallel Seq Scan on orders o  (cost=0.0..900.0 rows=5 width=8)"


def kept(plan: str, days: int = 1) -> Kept:
    return Kept(NOW - timedelta(days=days), "abc", "select from orders where at > $1", plan)


@pytest.mark.fault
def test_a_plan_that_got_worse(lab: Lab) -> None:
    run(lab, "select 1 as steady")
    state = remembered(lab, remembered(lab), [kept(BY_INDEX)])
    run(lab, "select 1 as steady")
    answer = look(lab, state, [kept(WHOLE)])
    assert ("plan_got_worse", "abc") in rules(answer)
    assert "now reads orders whole" in next(f.title for f in answer.findings if f.rule == "plan_got_worse")


SAME = BY_INDEX.replace("rows=1", "rows=900")


@pytest.mark.near_miss
@pytest.mark.parametrize(("before", "now"), [(BY_INDEX, SAME), (WHOLE, WHOLE), (WHOLE, BY_INDEX)])
def test_plans_that_did_not(before: str, now: str) -> None:
    assert worse({"abc": skeleton(before)}, {"abc": kept(now)}) == []
    assert worse({}, {"abc": kept(now)}) == []


def test_a_plan_in_json_is_read_alike() -> None:
    plan = '{"Plan": {"Node Type": "Hash Join", "Plans": [{"Node Type": "Seq Scan", "Relation Name": "a", "Alias": "x"}, '
    plan += '{"Node Type": "Index Scan", "Index Name": "b_i", "Relation Name": "b", "Total Cost": 8.4'  # cut
    assert skeleton(plan) == ["Seq Scan on a", "Index Scan using b_i on b"]
    bitmap = "Bitmap Heap Scan on t  (cost=1..2 rows=3)\n  ->  Bitmap Index Scan on t_i  (cost=1..2 rows=3)"
    found = worse({"abc": skeleton(bitmap)}, {"abc": kept("Seq Scan on t  (cost=1..2 rows=3)")})
    assert [changed.relations for changed in found] == [("t",)]


def test_plans_are_read_from_the_answers_of_daily_runs(lab: Lab) -> None:
    migrate(lab.endpoint)
    row = {"query": "abc", "text": "select 1", "plan": BY_INDEX}
    answer = replace(Answer.judged("slow"), evidence={"slowest": [row, {**row, "query": "def", "plan": None}]})
    with connected(lab.endpoint) as store:
        by = Provenance("daily", "r", "t", 0, 1, DAY.end, 0)
        save(store, slow_queries, "lab", DAY, answer, by)
        save(store, slow_queries, "other", DAY, answer, by)
        found = newest_plans(Rows(store), "lab", DAY.start, DAY.end)
        assert {shape: plan.plan for shape, plan in found.items()} == {"abc": BY_INDEX}
        assert newest_plans(Rows(store), "lab", DAY.end, DAY.end + timedelta(days=7)) == {}


def test_without_what_daily_runs_kept_it_is_unknown(lab: Lab) -> None:
    assert lab.ask(query_patterns).status is Status.UNKNOWN


def test_what_it_counts_is_there_on_every_version(every_lab: Lab) -> None:
    every_lab.run("create table t as select generate_series(1, 1000) as id; analyze t; select count(*) from t")
    with session(every_lab.endpoint, "look", statement_timeout_s=15, lock_timeout_s=2) as pg:
        flow = traffic(pg)
        assert flow.continues(json.loads(json.dumps(flow.state())))
        told_findings(pg, [], 3)
    assert flow.major == pg.version
    assert flow.transactions > 0
