"""temp_files: sorts that really spill, counted between two runs."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.lab import Lab, Past, rules
from tests.replica import wait_until
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.database.temp_files import temp_files


def spill(lab: Lab) -> None:
    """Write some megabytes of temporary files."""
    lab.run(
        "set work_mem = '64kB'; select count(*) from (select repeat('x', 100) || i from generate_series(1, 50000) i order by 1) s"
    )
    wait_until(lab.server, f"select temp_bytes > 0 from pg_stat_database where datname = '{lab.database}'")


def a_day_ago(answer: Answer) -> Past:
    """What this answer remembers, as if it had been given a day earlier."""
    assert answer.state is not None
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    return Past(remembered={name: {**reading, "at": yesterday} for name, reading in answer.state.items()})


@pytest.mark.baseline
def test_nothing_spilled(lab: Lab) -> None:
    history = a_day_ago(lab.ask(temp_files))
    answer = lab.ask(temp_files, history=history)
    assert answer.status is Status.OK
    assert "in 24.0 h" in answer.summary


@pytest.mark.near_miss
def test_a_few_megabytes_are_no_fault(lab: Lab) -> None:
    history = a_day_ago(lab.ask(temp_files))
    spill(lab)
    answer = lab.ask(temp_files, history=history)
    assert answer.status is Status.OK
    assert {m.labels["database"]: m.value for m in answer.metrics}[lab.database] > 2**20


@pytest.mark.fault
def test_much_a_day(lab: Lab) -> None:
    history = a_day_ago(lab.ask(temp_files))
    spill(lab)
    answer = lab.ask(temp_files, history=history, gib_per_day=0.001)
    assert rules(answer) == [("temp_files", lab.database)]
    assert answer.worst is Severity.MEDIUM
    assert lab.ask(temp_files, history=history, gib_per_day=0.001, high_gib_per_day=0.002).worst is Severity.HIGH


@pytest.mark.fault
def test_after_a_reset_what_is_left_is_judged(lab: Lab) -> None:
    spill(lab)
    spill(lab)
    history = a_day_ago(lab.ask(temp_files))
    lab.run("select pg_stat_reset()")
    spill(lab)
    answer = lab.ask(temp_files, history=history, gib_per_day=0.001)
    assert rules(answer) == [("temp_files", lab.database)]
    assert "at least" in answer.findings[0].title


def test_the_first_look_cannot_tell(lab: Lab) -> None:
    spill(lab)
    answer = lab.ask(temp_files)
    assert answer.status is Status.UNKNOWN
    assert "first look" in answer.summary
