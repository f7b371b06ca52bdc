"""What a report says of decisions: as they stood at the window's end, so that it says the same whenever it is made."""

from datetime import timedelta

import pytest

from tests.decisions.examples import NOW, approval, review
from tests.lab import Lab
from upkeep.decisions.decision import Status
from upkeep.reports.section import Section
from upkeep.reports.sections.decisions import decisions
from upkeep.sources.rows import Rows
from upkeep.store import decisions as store
from upkeep.store.migrate import migrate
from upkeep.window import Window

DAY = timedelta(days=1)


def section_of(lab: Lab, days: int) -> Section | None:
    """The section of the day that ended `days` days after NOW."""
    return decisions.make(Rows(lab.session()), Window(NOW + (days - 1) * DAY, NOW + days * DAY))


@pytest.fixture
def world(lab: Lab) -> Lab:
    """A review that was opened at NOW, due after seven days, and not asked."""
    migrate(lab.endpoint)
    store.open_decision(lab.session(), review(), NOW)
    return lab


def test_nothing_to_say_where_nobody_was_asked_anything(lab: Lab) -> None:
    migrate(lab.endpoint)
    assert section_of(lab, 1) is None


@pytest.mark.fault
def test_what_was_never_asked_is_told_with_what_may_be_wrong(world: Lab) -> None:
    assert section_of(world, 0) is None, "it was opened after that day"
    found = section_of(world, 1)
    assert found
    assert found.text == "1 decision waits for people; 1 not asked yet, their DAGs open_decisions and decisions may be paused"
    assert found.rows == (("Which logins?", "shop", "2026-11-23 06:00 UTC", "not asked yet"),)


def test_what_waits_is_told_until_it_is_answered(world: Lab) -> None:
    connection = world.session()
    store.ask(connection, review().key, [], ("decisions", "r", "answer"), NOW + timedelta(hours=1))
    store.open_decision(connection, approval(), NOW)
    store.ask(connection, approval().key, [], ("restore", "r", "approve"), NOW + timedelta(hours=1))
    store.close(connection, review().key, Status.ANSWERED, NOW + 3 * DAY, outcome="Sign")
    for _ in range(2):
        assert [getattr(section_of(world, day), "text", "") for day in (1, 3, 4)] == [
            "2 decisions wait for people",
            "2 decisions wait for people",
            "1 decision waits for people",
        ]


@pytest.mark.fault
def test_what_was_missed_is_told_in_the_report_of_that_day_alone(world: Lab) -> None:
    connection = world.session()
    store.ask(connection, review().key, [], ("decisions", "r", "answer"), NOW + timedelta(hours=1))
    store.close(connection, review().key, Status.MISSED, NOW + 7 * DAY, reason="nobody answered in time")
    found = section_of(world, 8)
    assert found
    assert found.text == "1 decision missed: nobody answered, and nothing was approved"
    assert found.rows[0][3] == "missed: nothing was approved"
    assert section_of(world, 9) is None
