"""prepared_transactions: left behind, with names that need quoting."""

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.prepared_transactions import prepared_transactions

NAME = 'it\'s "left" ü'
QUOTED = "'it''s \"left\" ü'"


@pytest.mark.baseline
def test_none(lab: Lab) -> None:
    answer = lab.ask(prepared_transactions)
    assert (answer.status, answer.summary) == (Status.OK, "0 prepared transactions")


@pytest.mark.near_miss
def test_a_young_one(lab: Lab) -> None:
    lab.run(f"begin; create table t (id int); prepare transaction {QUOTED}")
    try:
        answer = lab.ask(prepared_transactions)
    finally:
        lab.run(f"rollback prepared {QUOTED}")
    assert answer.status is Status.OK
    assert answer.metrics[0].value == 1


@pytest.mark.fault
def test_an_abandoned_one_is_ended_by_its_remedy(lab: Lab) -> None:
    lab.run(f"begin; create table t (id int); prepare transaction {QUOTED}")
    answer = lab.ask(prepared_transactions, age_minutes=0)
    lab.run(answer.findings[0].remedy)
    assert rules(answer) == [("prepared_transaction_abandoned", f"{lab.database}: {NAME}")]
    assert answer.worst is Severity.MEDIUM
    assert f"in database {lab.database}" in answer.findings[0].remedy
    assert "locks 1 relation" in answer.findings[0].title
    assert lab.ask(prepared_transactions, age_minutes=0).status is Status.OK


@pytest.mark.fault
def test_a_very_old_one_is_high(lab: Lab) -> None:
    lab.run(f"begin; select pg_current_xact_id(); prepare transaction {QUOTED}")
    try:
        assert lab.ask(prepared_transactions, age_minutes=0, high_age_minutes=0).worst is Severity.HIGH
    finally:
        lab.run(f"rollback prepared {QUOTED}")
