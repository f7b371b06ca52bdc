"""xmin_horizon: everything that can hold vacuum back is named."""

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.xmin_horizon import xmin_horizon


def burn(lab: Lab, count: int) -> None:
    """Use up so many transaction ids."""
    lab.run(f"do $$ begin for i in 1..{count} loop perform pg_current_xact_id(); commit; end loop; end $$")


@pytest.mark.baseline
def test_an_idle_server(lab: Lab) -> None:
    assert lab.ask(xmin_horizon).status is Status.OK


@pytest.mark.near_miss
def test_a_young_holder(lab: Lab) -> None:
    session = lab.session(autocommit=False)
    session.execute("select pg_current_xact_id()")
    burn(lab, 50)
    answer = lab.ask(xmin_horizon)
    assert answer.status is Status.OK
    assert "session" in answer.summary


@pytest.mark.fault
def test_two_idle_transactions_of_one_role_are_one_finding(lab: Lab) -> None:
    first, second = lab.session(autocommit=False), lab.session(autocommit=False)
    first.execute("select pg_current_xact_id()")
    second.execute("set transaction isolation level repeatable read")
    second.execute("select 1")
    burn(lab, 200)
    answer = lab.ask(xmin_horizon, held_xids=100)
    assert rules(answer) == [("horizon_held_by_session", f"postgres@{lab.database}")]
    assert answer.worst is Severity.MEDIUM
    assert answer.findings[0].remedy == f"select pg_terminate_backend({first.info.backend_pid});"


@pytest.mark.fault
def test_a_prepared_transaction(lab: Lab) -> None:
    lab.run("begin; create table t (id int); prepare transaction 'it''s \"left\"'")
    try:
        burn(lab, 200)
        answer = lab.ask(xmin_horizon, held_xids=100, high_held_xids=150)
    finally:
        lab.run("rollback prepared 'it''s \"left\"'")
    assert rules(answer) == [("horizon_held_by_prepared_transaction", 'it\'s "left"')]
    assert answer.worst is Severity.HIGH
    assert answer.findings[0].remedy.startswith("rollback prepared 'it''s \"left\"';")


@pytest.mark.fault
def test_a_logical_slot(lab: Lab) -> None:
    lab.run("select pg_create_logical_replication_slot('old', 'test_decoding')")
    try:
        burn(lab, 200)
        answer = lab.ask(xmin_horizon, held_xids=100)
    finally:
        lab.run("select pg_drop_replication_slot('old')")
    assert rules(answer) == [("horizon_held_by_replication_slot", "old")]
