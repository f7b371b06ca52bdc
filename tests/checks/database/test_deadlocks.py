"""deadlocks: real ones, counted between two runs."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.lab import Lab, Past, rules
from tests.replica import wait_until
from upkeep.answer import Answer, Json, Severity, Status
from upkeep.checks.database.deadlocks import deadlocks


def deadlock(lab: Lab, times: int = 1) -> None:
    """Let two sessions lock two rows in opposite order."""
    lab.run("create table if not exists pair (id int primary key); insert into pair values (1), (2) on conflict do nothing")
    for _ in range(times):
        one, two = (lab.session(autocommit=False, options="-c deadlock_timeout=20ms") for _ in "12")
        one.execute("select from pair where id = 1 for update")
        two.execute("select from pair where id = 2 for update")
        one.pgconn.send_query(b"select from pair where id = 2 for update")
        victims = 0
        try:
            two.execute("select from pair where id = 1 for update")
        except psycopg.errors.DeadlockDetected:
            victims += 1
        two.close()
        one.close()
    wait_until(lab.server, f"select deadlocks >= {times} from pg_stat_database where datname = '{lab.database}'")


def a_day_ago(lab: Lab, answer: Answer) -> Past:
    """What this answer remembers, as if it had been given a day earlier."""
    assert answer.state is not None
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    state: Json = {name: {**reading, "at": yesterday} for name, reading in answer.state.items()}
    assert lab.database in state
    return Past(remembered=state)


@pytest.mark.baseline
def test_no_deadlock_yet(lab: Lab) -> None:
    history = a_day_ago(lab, lab.ask(deadlocks))
    answer = lab.ask(deadlocks, history=history)
    assert answer.status is Status.OK
    assert answer.summary.startswith("0 deadlocks in ")
    assert "in 24.0 h" in answer.summary


@pytest.mark.near_miss
def test_one_a_day_is_no_fault(lab: Lab) -> None:
    history = a_day_ago(lab, lab.ask(deadlocks))
    deadlock(lab)
    answer = lab.ask(deadlocks, history=history)
    assert answer.status is Status.OK
    assert {m.labels["database"]: m.numerator for m in answer.metrics}[lab.database] == 1


@pytest.mark.near_miss
def test_old_deadlocks_are_not_counted_again(lab: Lab) -> None:
    deadlock(lab, 2)
    history = a_day_ago(lab, lab.ask(deadlocks))
    assert lab.ask(deadlocks, history=history).status is Status.OK


@pytest.mark.fault
def test_several_a_day(lab: Lab) -> None:
    history = a_day_ago(lab, lab.ask(deadlocks))
    deadlock(lab, 2)
    answer = lab.ask(deadlocks, history=history)
    assert rules(answer) == [("deadlocks", lab.database)]
    assert answer.worst is Severity.MEDIUM
    assert lab.ask(deadlocks, history=history, high_per_day=1).worst is Severity.HIGH


@pytest.mark.fault
def test_after_a_reset_what_is_left_is_judged(lab: Lab) -> None:
    deadlock(lab, 2)
    history = a_day_ago(lab, lab.ask(deadlocks))
    lab.run("select pg_stat_reset()")
    deadlock(lab, 2)
    answer = lab.ask(deadlocks, history=history)
    assert rules(answer) == [("deadlocks", lab.database)]
    assert "at least" in answer.findings[0].title


def test_the_first_look_cannot_tell(lab: Lab) -> None:
    deadlock(lab)
    answer = lab.ask(deadlocks)
    assert answer.status is Status.UNKNOWN
    assert lab.database in answer.summary
    assert answer.state is not None


@pytest.mark.fault
def test_a_first_look_after_a_known_reset_can(lab: Lab) -> None:
    lab.run("select pg_stat_reset()")
    deadlock(lab, 2)
    assert ("deadlocks", lab.database) in rules(lab.ask(deadlocks))
