"""statistics: analyzed is what the planner knows nothing of, or something old."""

import pytest

from tests.jobs.database.world import Kept, run, stored
from tests.lab import Lab, rules
from upkeep.answer import Status
from upkeep.jobs.database.statistics import statistics
from upkeep.maintenance.work import Outcome

FILL = "create table {0} as select n as id, n % 10 as part from generate_series(1, 5000) as n;"


@pytest.fixture
def kept() -> Kept:
    """A journal in memory."""
    return Kept()


def why(kept: Kept) -> dict[str, str]:
    """The reasons by table."""
    return {work.table_name: "; ".join(work.reasons) for work in reversed(kept.past())}


@pytest.mark.baseline
def test_what_was_analyzed_and_did_not_change_is_left_alone(every_lab: Lab, kept: Kept) -> None:
    every_lab.run(FILL.format("t") + "create statistics s on id, part from t; create index on t ((id * 2))")
    every_lab.run("create table empty (id int)")
    every_lab.run("analyze")
    answer = run(every_lab, statistics, kept)
    assert (answer.status, kept.rows) == (Status.OK, {})


@pytest.mark.near_miss
def test_fewer_changes_than_start_autovacuum_are_left_to_it(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t"))
    lab.run("analyze t")
    lab.run("update t set part = 0 where id <= 540")  # autovacuum begins at 50 + 0.1 x 5000 = 550
    run(lab, statistics, kept)
    assert kept.rows == {}
    lab.run("update t set part = 0 where id <= 20")
    run(lab, statistics, kept)
    assert "560 rows changed since its analyze, 1.0 times what starts autovacuum (550)" in why(kept)["public.t"]


@pytest.mark.fault
def test_what_was_never_analyzed_comes_first(every_lab: Lab, kept: Kept) -> None:
    every_lab.run(FILL.format("changed") + FILL.format("never") + "create index on never (id)")
    every_lab.run("analyze changed")
    every_lab.run("update changed set part = 0")
    run(every_lab, statistics, kept)
    assert [work.table_name for work in reversed(kept.past())] == ["public.never", "public.changed"]
    assert why(kept)["public.never"] == "never analyzed (5,000 rows)", "though making an index told how many rows there are"
    assert every_lab.value("select count(*) from pg_stats where tablename = 'never'") == 2
    assert set(kept.outcomes().values()) == {Outcome.DONE}
    assert run(every_lab, statistics, kept).summary.startswith("0 of ")


def test_a_partitioned_table_is_analyzed_as_a_whole(every_lab: Lab, kept: Kept) -> None:
    every_lab.run("create table whole (id int, part int) partition by range (id)")
    every_lab.run("create table one partition of whole for values from (0) to (3000)")
    every_lab.run("create table two partition of whole for values from (3000) to (9000)")
    every_lab.run("insert into whole select n, n % 10 from generate_series(1, 5000) as n")
    every_lab.run("analyze one; analyze two")
    run(every_lab, statistics, kept)
    assert why(kept) == {"public.whole": "never analyzed as a whole (5,000 rows); autovacuum never does"}
    assert every_lab.value("select count(*) from pg_stats where tablename = 'whole' and inherited") == 2
    run(every_lab, statistics, kept)
    assert len(kept.rows) == 1, "and it is not done again"
    # A part changed, and was analyzed by autovacuum, which forgets the whole.
    if every_lab.value("select current_setting('server_version_num')::int < 180000"):
        return  # there it counts after an hour, since parts are analyzed with the whole
    every_lab.run("update two set part = 0")
    every_lab.run("analyze two")
    run(every_lab, statistics, kept)
    assert "rows of its partitions changed since its analyze" in why(kept)["public.whole"]


def test_the_parts_are_done_with_the_whole_and_not_twice(every_lab: Lab, kept: Kept) -> None:
    every_lab.run("create table whole (id int) partition by range (id)")
    every_lab.run("create table one partition of whole for values from (0) to (9000)")
    every_lab.run("insert into whole select generate_series(1, 5000)")
    run(every_lab, statistics, kept)
    assert every_lab.value("select analyze_count from pg_stat_user_tables where relname = 'one'") == 1


def test_columns_and_extended_statistics_that_came_later(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("a") + FILL.format("b") + FILL.format("c"))
    lab.run("analyze")
    lab.run(
        "alter table a add column later int default 1; create index on b ((id + part)); create statistics s on id, part from c"
    )
    run(lab, statistics, kept)
    assert why(kept) == {
        "public.a": "1 columns or index expressions have no statistics",
        "public.b": "1 columns or index expressions have no statistics",
        "public.c": "1 extended statistics were never computed",
    }
    run(lab, statistics, kept)
    assert len(kept.rows) == 3


def test_columns_that_ask_for_none_are_not_missed(lab: Lab, kept: Kept) -> None:
    lab.run("create table t as select n as id, n as quiet from generate_series(1, 5000) as n")
    lab.run("alter table t alter quiet set statistics 0; analyze")
    run(lab, statistics, kept)
    assert kept.rows == {}


def test_after_a_crash_the_statistics_are_there_and_nothing_is_done_for_them(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t"))
    lab.run("analyze t")
    lab.run("select pg_stat_reset()")
    run(lab, statistics, kept)
    assert kept.rows == {}


def test_after_a_crash_what_was_never_analyzed_is_not_taken_for_empty(every_lab: Lab, kept: Kept) -> None:
    every_lab.run(FILL.format("t") + "create table empty (id int); create table bare (id int) partition by range (id)")
    every_lab.run("select pg_stat_reset()")
    run(every_lab, statistics, kept)
    assert kept.outcomes() == {"public.t": Outcome.DONE, "public.empty": Outcome.DONE}
    run(every_lab, statistics, kept)
    assert len(kept.rows) == 2, "an empty one is known to be empty now"


def test_what_a_login_cannot_look_at_is_analyzed_once(every_lab: Lab, kept: Kept) -> None:
    if every_lab.value("select current_setting('server_version_num')::int < 170000"):
        pytest.skip("before version 17 who may analyze may read")
    every_lab.run("create role worker login; grant pg_maintain to worker")
    every_lab.run(FILL.format("t"))
    every_lab.run("analyze t")
    every_lab.run("select pg_stat_reset()")
    run(every_lab, statistics, kept, user="worker")
    assert why(kept) == {"public.t": "no analyze is known of, and 2 columns cannot be looked at"}
    run(every_lab, statistics, kept, user="worker")
    assert len(kept.rows) == 1


def test_row_security_hides_nothing_missing(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t") + "alter table t enable row level security; alter table t force row level security")
    lab.run("analyze t")
    run(lab, statistics, kept)
    assert kept.rows == {}


def test_a_locked_table_is_passed_over(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t") + FILL.format("u"))
    holder = lab.session(autocommit=False)
    holder.execute("lock table t in share update exclusive mode")
    answer = run(lab, statistics, kept)
    assert kept.outcomes() == {"public.t": Outcome.LOCKED, "public.u": Outcome.DONE}
    assert rules(answer) == [("analyze_not_reached", "tables")]


def test_a_dry_run_changes_nothing(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t"))
    answer = run(lab, statistics, kept, dry_run=True)
    assert (
        answer.summary == "1 table would be analyzed: public.t (never analyzed (5,000 rows)) first; dry run, nothing was changed"
    )
    assert "analyze (verbose, skip_locked" in answer.evidence["todo"][0]["statement"]
    assert (kept.rows, lab.value("select analyze_count from pg_stat_user_tables where relname = 't'")) == ({}, 0)


def test_rows_are_stored(lab: Lab) -> None:
    lab.run(FILL.format("t"))
    with stored(lab, statistics) as journal:
        run(lab, statistics, journal)
        (work,) = [w for w in journal.past() if w.table_name == "public.t"]
        assert (work.outcome, work.before["changed"], work.after["changed"]) == (Outcome.DONE, 5000, 0)
