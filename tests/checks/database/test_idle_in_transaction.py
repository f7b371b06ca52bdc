"""idle_in_transaction: idle alone, idle and in the way, and one name however many processes."""

import time
from typing import Any

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.idle_in_transaction import idle_in_transaction


def busy(lab: Lab, application: str) -> Any:
    """A session for a statement that is still running when the test ends."""
    session = lab.endpoint.connect(application)
    lab.stack.callback(session.close)
    return session


def wait_for_lock(lab: Lab, sql: str, waiters: int = 1) -> Any:
    """Send a statement that must wait, and come back when it does."""
    session = busy(lab, "waiter")
    session.pgconn.send_query(sql.encode())
    deadline = time.monotonic() + 10
    blocked = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    while lab.value(blocked) < waiters and time.monotonic() < deadline:
        time.sleep(0.02)
    return session


@pytest.mark.baseline
def test_nobody_idles(lab: Lab) -> None:
    lab.session().execute("select 1")
    answer = lab.ask(idle_in_transaction, limit_s=0)
    assert answer.status is Status.OK
    assert answer.metrics[0].value == 0


@pytest.mark.near_miss
def test_idle_for_less_than_the_limit(lab: Lab) -> None:
    lab.session(autocommit=False).execute("select 1")
    answer = lab.ask(idle_in_transaction)
    assert rules(answer) == []
    assert answer.metrics[0].value == 1


@pytest.mark.near_miss
def test_blocking_for_less_than_the_limit(lab: Lab) -> None:
    lab.run("create table t (id int)")
    lab.session(autocommit=False).execute("lock table t")
    wait_for_lock(lab, "select * from t")
    assert rules(lab.ask(idle_in_transaction)) == []


@pytest.mark.fault
def test_idle_for_too_long(lab: Lab) -> None:
    for number in (17, 4):
        lab.session(application=f"shop web.{number}", autocommit=False).execute("select 1")
    time.sleep(0.15)
    answer = lab.ask(idle_in_transaction, limit_s=0.1)
    assert rules(answer) == [("idle_in_transaction", "postgres@shop web.#")]
    assert answer.worst is Severity.MEDIUM
    assert len(answer.findings[0].details["pids"]) == 2
    assert 'alter role "postgres" set idle_in_transaction_session_timeout' in answer.findings[0].remedy


@pytest.mark.fault
def test_an_aborted_transaction_idles_too(lab: Lab) -> None:
    session = lab.session(autocommit=False)
    session.pgconn.exec_(b"begin; select 1/0")
    answer = lab.ask(idle_in_transaction, limit_s=0)
    assert answer.findings[0].details["aborted"] is True


@pytest.mark.fault
def test_blocking_is_judged_sooner_and_worse(lab: Lab) -> None:
    lab.run("create table t (id int); insert into t values (1)")
    lab.session(application="shop", autocommit=False).execute("update t set id = 2")
    wait_for_lock(lab, "update t set id = 3")
    time.sleep(0.2)
    answer = lab.ask(idle_in_transaction, blocking_s=0.1)
    assert rules(answer) == [("idle_in_transaction", "postgres@shop")]
    assert answer.worst is Severity.HIGH
    assert "blocking 1" in answer.findings[0].title
    assert lab.ask(idle_in_transaction, limit_s=0.1).worst is Severity.CRITICAL


@pytest.mark.fault
def test_a_snapshot_that_holds_back_vacuum(lab: Lab) -> None:
    lab.session(autocommit=False).execute("set transaction isolation level repeatable read; select 1")
    lab.run("create table t (id int); insert into t values (1)")
    lab.run("insert into t values (1)")
    answer = lab.ask(idle_in_transaction, limit_s=0, high_xmin_age=2)
    assert answer.worst is Severity.HIGH
