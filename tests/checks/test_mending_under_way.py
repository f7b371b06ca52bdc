"""What is being mended at this moment is no finding, and what stands beside it still is one."""

from typing import Any

import pytest

from tests.lab import Lab, rules
from tests.replica import wait_until
from upkeep.answer import Answer
from upkeep.checks.database.index_bloat import index_bloat
from upkeep.checks.database.stale_statistics import stale_statistics
from upkeep.checks.database.table_bloat import table_bloat
from upkeep.duty import Duty

# An index on a function that waits for a lock: whatever builds it can be held in the middle.
BLOATED = """
    create extension if not exists pgstattuple;
    create function waits(int) returns int immutable language plpgsql
        as 'begin perform pg_catalog.pg_advisory_xact_lock_shared(7); return $1; end';
    create table t (id int, note text); create table beside (id int, note text);
    insert into t select i, repeat('x', 100) from generate_series(1, 5000) as i; insert into beside select * from t;
    create index t_i on t (waits(id)); create index beside_i on beside (id);
    delete from t where id % 10 > 0; delete from beside where id % 10 > 0
"""
LOW = {"min_mb": 0.05, "share": 0.1}
REINDEXES = ("reindex index t_i", "reindex index concurrently t_i", "reindex table t", "vacuum (full) t", "cluster t using t_i")


def begin(lab: Lab, statement: str, progress: str) -> Any:
    """Start a statement that will not end by itself, and wait until the server reports that it is at it."""
    busy = lab.session(application="mends")
    busy.pgconn.send_query(statement.encode())
    wait_until(lab.server, f"select count(*) > 0 from pg_stat_progress_{progress}")
    return busy


def end(busy: Any) -> None:
    busy.cancel()
    while busy.pgconn.get_result():
        pass


@pytest.fixture
def bloated(lab: Lab) -> Lab:
    """Two tables with bloated indexes; whoever builds the index of one of them now waits."""
    lab.run(BLOATED)
    for table in ("t", "beside"):
        lab.run(f"vacuum {table}")
        lab.run(f"analyze {table}")
    return lab


def ask(lab: Lab, duty: Duty) -> Answer:
    return lab.ask(duty, target={"lock_timeout_s": 0.3}, **LOW)  # type: ignore[arg-type]


@pytest.mark.near_miss
@pytest.mark.parametrize("work", ["vacuum (full) t", "cluster t using t_i"])
def test_a_table_that_is_being_rewritten_is_not_bloated(bloated: Lab, work: str) -> None:
    assert sorted(rules(ask(bloated, table_bloat))) == [("bloated_table", "public.beside"), ("bloated_table", "public.t")]
    bloated.session().execute("select pg_advisory_lock(7)")
    busy = begin(bloated, work, "cluster")
    answer = ask(bloated, table_bloat)
    end(busy)
    assert rules(answer) == [("bloated_table", "public.beside")]
    assert answer.summary.endswith("; 1 being rewritten now")


@pytest.mark.near_miss
@pytest.mark.parametrize("work", REINDEXES)
def test_an_index_that_is_being_rebuilt_is_not_bloated(bloated: Lab, work: str) -> None:
    both = [("bloated_index", "public.beside_i"), ("bloated_index", "public.t_i")]
    assert sorted(rules(ask(bloated, index_bloat))) == both
    bloated.session().execute("select pg_advisory_lock(7)")
    busy = begin(bloated, work, "create_index" if work.startswith("reindex") else "cluster")
    answer = ask(bloated, index_bloat)
    end(busy)
    assert rules(answer) == [("bloated_index", "public.beside_i")]
    assert answer.summary.endswith("; 1 being rebuilt now")


@pytest.mark.fault
def test_a_plain_vacuum_gives_no_room_back(bloated: Lab) -> None:
    bloated.run("update t set note = note || 'y'")
    slow = bloated.session()
    slow.execute("set vacuum_cost_delay = 100; set vacuum_cost_limit = 1")
    slow.pgconn.send_query(b"vacuum t")
    wait_until(bloated.server, "select count(*) > 0 from pg_stat_progress_vacuum")
    found = rules(ask(bloated, table_bloat))
    end(slow)
    assert ("bloated_table", "public.t") in found


@pytest.mark.near_miss
def test_a_table_that_is_being_analyzed_is_not_stale(every_lab: Lab) -> None:
    for table in ("t", "beside"):
        every_lab.run(f"create table {table} (id int); insert into {table} select generate_series(1, 50000)")
    both = [("never_analyzed", "public.beside"), ("never_analyzed", "public.t")]
    wait_until_counted(every_lab)
    assert sorted(rules(every_lab.ask(stale_statistics, min_hours=0))) == both
    slow = every_lab.session()
    slow.execute("set vacuum_cost_delay = 100; set vacuum_cost_limit = 1")
    slow.pgconn.send_query(b"analyze t")
    wait_until(every_lab.server, "select count(*) > 0 from pg_stat_progress_analyze")
    answer = every_lab.ask(stale_statistics, min_hours=0)
    end(slow)
    assert rules(answer) == [("never_analyzed", "public.beside")]
    assert answer.summary.endswith("; 1 being analyzed now")
    assert sorted(rules(every_lab.ask(stale_statistics, min_hours=0))) == both


def wait_until_counted(lab: Lab) -> None:
    """Rows are counted when the session that wrote them has ended, which may take a moment."""
    look = lab.session()
    while look.execute("select count(*) from pg_stat_user_tables where n_live_tup >= 50000").fetchone() != (2,):
        pass
