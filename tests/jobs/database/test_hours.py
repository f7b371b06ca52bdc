"""The declared hours hold for all maintenance but a freeze that is overdue."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

import upkeep.given.maintenance as given
from tests.jobs.database.world import Kept, run
from tests.lab import Lab
from upkeep.answer import Answer, Status
from upkeep.jobs.database.statistics import statistics
from upkeep.jobs.database.vacuum import vacuum
from upkeep.maintenance.work import Outcome
from upkeep.targets.maintenance_plan import MaintenancePlan

DEAD = "create table dead (id int); insert into dead select generate_series(1, 5000); delete from dead where id > 10"
OLD = """
    create table old (id int) with (autovacuum_enabled = false); insert into old values (1);
    alter table old set (autovacuum_freeze_max_age = 100000)
"""


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hours of every database have not begun."""
    monkeypatch.setattr(given, "hours_left", lambda _: 0.0)


def aged(lab: Lab) -> None:
    """A table past the age where it is frozen by force."""
    lab.run(OLD)
    lab.run("do $$ begin for i in 1..110000 loop perform pg_current_xact_id(); commit; end loop; end $$")


def explained(answer: Answer) -> str:
    return f"{answer.summary} {answer.evidence.get('reason', '')}"


@pytest.mark.usefixtures("outside")
def test_outside_its_hours_nothing_is_done_that_can_wait(lab: Lab) -> None:
    lab.run(DEAD)
    for duty in (vacuum, statistics):
        journal = Kept()
        answer = run(lab, duty, journal)
        assert answer.status is Status.UNKNOWN
        assert "outside its maintenance hours" in explained(answer)
        assert not journal.rows
        assert run(lab, duty, journal, dry_run=True).status is Status.OK


@pytest.mark.usefixtures("outside")
def test_an_overdue_freeze_is_done_whatever_the_hour_and_nothing_else(lab: Lab) -> None:
    lab.run(DEAD)
    aged(lab)
    journal = Kept()
    answer = run(lab, vacuum, journal)
    assert journal.outcomes() == {"public.old": Outcome.DONE}
    assert "outside its hours: only what is past the age" in answer.summary
    assert lab.value("select age(relfrozenxid) < 100000 from pg_class where relname = 'old'")


def test_hours_that_end_stop_what_can_wait_and_not_an_overdue_freeze(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "hours_left", lambda _: 1e-6)
    lab.run(DEAD)
    aged(lab)
    journal = Kept()
    answer = run(lab, vacuum, journal)
    assert journal.outcomes() == {"public.old": Outcome.DONE}
    assert "no time was left for" in answer.summary


def test_what_is_left_of_the_hours_is_0_outside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "current", lambda: SimpleNamespace(zone=ZoneInfo("UTC")))
    now = datetime.now(UTC)
    begins, ends = now + timedelta(hours=6), now + timedelta(hours=12)
    assert given.hours_left(MaintenancePlan(login="m", hours=f"{begins:%H:%M}-{ends:%H:%M}")) == 0
    assert given.hours_left(MaintenancePlan(login="m")) is None
    with_room = MaintenancePlan(login="m", hours=f"{now - timedelta(hours=6):%H:%M}-{ends:%H:%M}")
    assert (given.hours_left(with_room) or 0) > 0
