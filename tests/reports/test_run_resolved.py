"""Resolved is what was mended: also within one window, and never what was not asked again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.lab import Lab
from tests.reports.world import DUTIES, TARGETS, breach, build_world, found, provenance, window
from upkeep.answer import Answer, Severity
from upkeep.reports.documents.remediation import remediation
from upkeep.reports.run import RunReport, build, publish
from upkeep.sources.rows import Rows
from upkeep.store.answers import save
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

HOUR = timedelta(hours=1)


@pytest.fixture
def connection(lab: Lab) -> "psycopg.Connection[object]":
    """A session in a report database with two duties and two targets."""
    build_world(lab.endpoint)
    return lab.session()


def ask(connection: "psycopg.Connection[object]", day: int, given: Answer, *, hours: int = 1) -> datetime:
    """Ask about a day some hours after its end; when that was."""
    at = window(day).end + hours * HOUR
    save(connection, DUTIES[0], TARGETS[0], window(day), given, replace(provenance(), asked_at=at))
    return at


def daily(connection: "psycopg.Connection[object]", day: int) -> RunReport:
    return build(connection, Cadence.DAILY, window(day), None)


@pytest.mark.fault
def test_mended_and_cleared_in_its_own_window_is_resolved(connection: "psycopg.Connection[object]") -> None:
    first = ask(connection, 20, breach(found("a", Severity.CRITICAL), found("b")))
    ask(connection, 20, breach(found("b")), hours=5)
    report = daily(connection, 20)
    assert [(r.title.split()[0], r.severity, r.found_at) for r in report.resolved] == [("a", "critical", first)]
    publish(connection, report)
    told = connection.execute("select content -> 'counts' ->> 'resolved' from upkeep.report").fetchall()
    assert told == [("1",)]
    assert daily(connection, 21).resolved == ()


@pytest.mark.near_miss
def test_what_was_not_asked_again_is_not_resolved(connection: "psycopg.Connection[object]") -> None:
    ask(connection, 20, breach(found("a")))
    ask(connection, 20, Answer.unknown("host away"), hours=3)
    assert daily(connection, 20).resolved == ()
    ask(connection, 20, breach(found("a")), hours=4)
    ask(connection, 21, Answer.unknown("present only"))
    assert (daily(connection, 21).resolved, len(daily(connection, 21).open)) == ((), 1)


@pytest.mark.near_miss
def test_one_that_was_open_before_is_resolved_once(connection: "psycopg.Connection[object]") -> None:
    for day in (19, 20):
        ask(connection, day, breach(found("a")))
    ask(connection, 20, breach(), hours=6)
    assert len(daily(connection, 20).resolved) == 1


@pytest.mark.fault
def test_a_backfill_finds_today_and_is_not_overdue_for_then(connection: "psycopg.Connection[object]") -> None:
    for day in (1, 2, 3):
        at = ask(connection, day, breach(found("a", Severity.CRITICAL)), hours=24 * 40 - 24 * day)
    (line,) = daily(connection, 20).open
    assert (line.found_at, line.overdue) == (at, False)
    assert line.due_at == at + timedelta(days=7)


@pytest.mark.fault
def test_a_month_counts_what_was_mended_within_a_window(connection: "psycopg.Connection[object]") -> None:
    ask(connection, 20, breach(found("a")))
    ask(connection, 20, breach(), hours=49)
    ask(connection, 10, breach(found("b")), hours=1)
    ask(connection, 11, breach(), hours=1)
    made = remediation.make(Rows(connection), Window(window(1).start, window(30).end))
    assert made
    (high,) = [row for row in made.sections[0].rows if row[0] == "high"]
    # severity, open before, found, resolved, open after, overdue, mean days, median days
    assert high == ("high", "0", "2", "2", "0", "0", "1.5", "1.5")
