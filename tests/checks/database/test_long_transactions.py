"""long_transactions: old transactions and old snapshots, but not the ones that have a reason."""

import time

import pytest

from tests.checks.database.test_idle_in_transaction import busy
from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.long_transactions import long_transactions


@pytest.mark.baseline
def test_nothing_open(lab: Lab) -> None:
    answer = lab.ask(long_transactions, limit_s=0)
    assert answer.status is Status.OK
    assert answer.metrics[0].value == 0


@pytest.mark.near_miss
def test_open_for_less_than_the_limit(lab: Lab) -> None:
    lab.session(autocommit=False).execute("select 1")
    assert rules(lab.ask(long_transactions)) == []


@pytest.mark.near_miss
def test_a_backup_may_take_longer(lab: Lab) -> None:
    lab.session(application="pg_dump", autocommit=False).execute("select 1")
    assert rules(lab.ask(long_transactions, limit_s=0, high_xmin_age=1)) == []
    assert rules(lab.ask(long_transactions, backup_s=0)) == [("long_transaction", "postgres@pg_dump")]


@pytest.mark.near_miss
def test_upkeep_itself_is_left_out(lab: Lab) -> None:
    lab.session(application="upkeep backup", autocommit=False).execute("select 1")
    assert rules(lab.ask(long_transactions, limit_s=0)) == []


@pytest.mark.near_miss
def test_what_idles_for_long_is_another_finding(lab: Lab) -> None:
    lab.session(autocommit=False).execute("select 1")
    assert rules(lab.ask(long_transactions, limit_s=0, idle_s=0)) == []


@pytest.mark.fault
def test_a_long_query(lab: Lab) -> None:
    session = busy(lab, "report 2026")
    session.pgconn.send_query(b"  select pg_sleep(30), 'a secret'")
    time.sleep(0.2)
    answer = lab.ask(long_transactions, limit_s=0.1)
    assert rules(answer) == [("long_transaction", "postgres@report #")]
    assert answer.findings[0].details["command"] == "SELECT"
    assert "secret" not in str(answer)
    assert answer.worst is Severity.MEDIUM
    assert lab.ask(long_transactions, limit_s=0.1, high_s=0.1).worst is Severity.HIGH


@pytest.mark.fault
def test_a_young_transaction_with_an_old_snapshot(lab: Lab) -> None:
    lab.run("create table t (id int)")
    lab.session(autocommit=False).execute("set transaction isolation level repeatable read; select 1")
    for _ in range(5):
        lab.run("insert into t values (1)")
    answer = lab.ask(long_transactions, high_xmin_age=4)
    assert answer.worst is Severity.HIGH
    assert "limit 4" in answer.findings[0].title
