"""What was vacuumed and analyzed, in one sentence and a line for each kind of work."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.jobs.database.world import question
from tests.lab import Lab
from tests.ui.test_maintenance_page import put, work
from upkeep.jobs.database.vacuum import vacuum
from upkeep.maintenance.work import Action, Outcome
from upkeep.reports.sections.maintenance import maintenance
from upkeep.sources.rows import Rows
from upkeep.store.migrate import migrate
from upkeep.window import Window


def test_without_work_there_is_no_section(lab: Lab) -> None:
    migrate(lab.endpoint)
    assert maintenance.make(Rows(lab.session()), question(lab, vacuum).window) is None


def test_what_was_done_what_it_gave_and_what_was_not_reached(lab: Lab) -> None:
    migrate(lab.endpoint)
    window = question(lab, vacuum).window
    larger: dict[str, Any] = {"before": {"table_bytes": 0}, "after": {"table_bytes": 8192000}}
    put(lab, work("a"), work("b", **larger), work("c", Outcome.LOCKED, removed_rows=9, wal_bytes=None, seconds=None))
    put(lab, replace(work("d", removed_rows=None, kept_rows=None, predicted_rows=None), action=Action.ANALYZE))
    found = maintenance.make(Rows(lab.session()), window)
    assert found
    assert found.text == (
        "2 tables vacuumed; 1 table analyzed; 4,000 dead rows removed; 1,000 kept for somebody who may need them; "
        "1 table could not be reached"
    )
    assert found.rows == (
        ("lab", "analyze", "1", "0", "", "", "", "", "", "2.5 s"),
        ("lab", "vacuum", "2", "1", "4,000", "5,000", "1,000", "0 B", "4.0 KiB", "5 s"),
    )
    next_week = Window(window.end, window.end + timedelta(days=7))
    assert maintenance.make(Rows(lab.session()), next_week) is None


def test_nothing_that_was_done_is_made_up(lab: Lab) -> None:
    migrate(lab.endpoint)
    put(lab, work("a", Outcome.LOCKED, removed_rows=None, kept_rows=None))
    found = maintenance.make(Rows(lab.session()), question(lab, vacuum).window)
    assert found
    assert found.text == "1 table could not be reached"
