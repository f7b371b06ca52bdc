"""blocking: the root of each queue, whoever it is."""

import time
from pathlib import Path

import pytest

from tests.checks.database.test_idle_in_transaction import wait_for_lock
from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database import blocking as blocking_module
from upkeep.checks.database.blocking import Wait, blocking, last_links

PLANT = "create table orders (id int primary key); insert into orders values (1), (2)"


@pytest.mark.baseline
def test_nobody_waits(lab: Lab) -> None:
    assert lab.ask(blocking, limit_s=0).status is Status.OK


@pytest.mark.near_miss
def test_a_short_wait(lab: Lab) -> None:
    lab.run(PLANT)
    lab.session(autocommit=False).execute("lock table orders")
    wait_for_lock(lab, "select * from orders")
    answer = lab.ask(blocking)
    assert rules(answer) == []
    assert answer.metrics[0].value == 1


@pytest.mark.near_miss
def test_locks_that_do_not_conflict(lab: Lab) -> None:
    lab.run(PLANT)
    lab.session(autocommit=False).execute("update orders set id = 5 where id = 1")
    lab.session(autocommit=False).execute("update orders set id = 6 where id = 2")
    assert rules(lab.ask(blocking, limit_s=0)) == []


@pytest.mark.fault
def test_the_root_of_a_queue(lab: Lab) -> None:
    """The second in the queue blocks the third, but waits himself: only the first is named, with both behind him."""
    lab.run(PLANT)
    root = lab.session(application="shop 7", autocommit=False)
    root.execute("select * from orders")
    wait_for_lock(lab, "alter table orders add column a int")
    wait_for_lock(lab, "select * from orders", waiters=2)
    answer = lab.ask(blocking, limit_s=0)
    assert rules(answer) == [("blocks_others", "postgres@shop # -> public.orders")]
    assert f"pg_terminate_backend({root.info.backend_pid})" in answer.findings[0].remedy
    assert len(answer.findings[0].details["waiting_pids"]) == 2
    assert answer.worst is Severity.MEDIUM
    assert lab.ask(blocking, limit_s=0, high_s=0).worst is Severity.HIGH
    assert lab.ask(blocking, limit_s=0, high_waiters=3).worst is Severity.MEDIUM
    assert {m.name: m.value for m in answer.metrics}["blocked_sessions"] == 2
    assert lab.ask(blocking, limit_s=0, high_waiters=2).worst is Severity.HIGH
    assert lab.ask(blocking, limit_s=0, critical_waiters=2).worst is Severity.CRITICAL


@pytest.mark.fault
def test_a_row_lock_names_its_table(lab: Lab) -> None:
    lab.run(PLANT)
    lab.session(application="shop", autocommit=False).execute("update orders set id = 5 where id = 1")
    wait_for_lock(lab, "update orders set id = 6 where id = 1")
    assert rules(lab.ask(blocking, limit_s=0)) == [("blocks_others", "postgres@shop -> public.orders")]


@pytest.mark.fault
def test_a_wait_is_dated_from_its_lock(lab: Lab) -> None:
    """The statement of the waiter is older than its wait."""
    lab.run(PLANT)
    lab.session(autocommit=False).execute("lock table orders")
    wait_for_lock(lab, "select pg_sleep(0.5); select * from orders")
    time.sleep(0.1)
    longest = next(m.value for m in lab.ask(blocking).metrics if m.name == "blocked_longest")
    waiter = (
        "select extract(epoch from clock_timestamp() - query_start)::float8 from pg_stat_activity where wait_event_type = 'Lock'"
    )
    assert 0.1 <= longest <= lab.value(waiter) - 0.5, "however long this took, its statement is half a second older than its wait"


@pytest.mark.fault
def test_an_advisory_lock(lab: Lab) -> None:
    lab.session(application="nightly").execute("select pg_advisory_lock(42)")
    wait_for_lock(lab, "select pg_advisory_lock(42)")
    assert rules(lab.ask(blocking, limit_s=0)) == [("blocks_others", "postgres@nightly -> advisory lock")]


@pytest.mark.fault
def test_a_prepared_transaction_that_nobody_holds(lab: Lab) -> None:
    lab.run(PLANT)
    lab.session().execute("begin; update orders set id = 5 where id = 1; prepare transaction 'it''s lost'")
    lab.session().execute("begin; insert into orders values (8); prepare transaction 'innocent'")
    try:
        wait_for_lock(lab, "update orders set id = 6 where id = 1")
        answer = lab.ask(blocking, limit_s=0)
        assert rules(answer) == [("blocks_others", "postgres@prepared transaction -> public.orders")]
        assert answer.findings[0].remedy.startswith("rollback prepared 'it''s lost';")
    finally:
        lab.run("rollback prepared 'it''s lost'")
        lab.run("rollback prepared 'innocent'")


def test_the_question_for_version_13_is_valid(lab: Lab) -> None:
    lab.run(PLANT)
    lab.session(application="shop", autocommit=False).execute("lock table orders")
    wait_for_lock(lab, "select * from orders")
    sql = Path(blocking_module.__file__).with_name("blocking.pg13.sql").read_text()
    with lab.endpoint.connect("old") as connection:
        (row,) = connection.execute(sql.encode()).fetchall()
    assert "public.orders" in row


def test_a_ring_ends() -> None:
    ring = {1: [Wait(1, 1, "t", 2, "", "a", "active")], 2: [Wait(2, 1, "t", 1, "", "b", "active")]}
    assert list(last_links(ring[1], ring, set())) == []
