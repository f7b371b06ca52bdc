"""What became of findings: counted by their last severity, the same whenever it is asked."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.lab import Lab
from tests.reports.world import TARGETS, answer, breach, build_world, found
from upkeep.answer import Answer, Severity
from upkeep.reports.documents.remediation import remediation
from upkeep.reports.report import Report
from upkeep.sources.rows import Rows
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg

NOVEMBER = Window(datetime(2026, 11, 5, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC))
CALM = Answer.judged("calm")


@pytest.fixture
def connection(lab: Lab) -> "psycopg.Connection[object]":
    """A report database without answers."""
    build_world(lab.endpoint)
    return lab.session()


def made(connection: "psycopg.Connection[object]", about: Window = NOVEMBER) -> Report | None:
    return remediation.make(Rows(connection), about)


def lines(connection: "psycopg.Connection[object]") -> dict[str, tuple[str, ...]]:
    found_report = made(connection)
    assert found_report is not None
    return {row[0]: row[1:] for row in found_report.sections[0].rows}


def test_a_calm_month_has_no_report(connection: "psycopg.Connection[object]") -> None:
    answer(connection, 10, CALM)
    assert made(connection) is None


def test_found_and_resolved_and_still_there(connection: "psycopg.Connection[object]") -> None:
    answer(connection, 3, breach(found("old")))
    answer(connection, 10, breach(found("old"), found("new"), found("small", Severity.LOW)))
    answer(connection, 14, breach(found("new"), found("small", Severity.LOW)))
    answer(connection, 18, breach(found("small", Severity.LOW)))
    assert lines(connection) == {
        "critical": ("0", "0", "0", "0", "0", "", ""),
        "high": ("1", "1", "2", "0", "0", "9.5", "9.5"),
        "medium": ("0", "0", "0", "0", "0", "", ""),
        "low": ("0", "1", "0", "1", "0", "", ""),
    }
    message = made(connection)
    assert message is not None
    assert (message.title, message.headline) == ("Remediation, 2026-11", "2 findings found, 2 resolved, 0 overdue at the end")


def test_a_finding_counts_with_its_last_severity(connection: "psycopg.Connection[object]") -> None:
    answer(connection, 10, breach(found("x", Severity.LOW)))
    answer(connection, 11, breach(found("x", Severity.CRITICAL)))
    assert lines(connection)["critical"][:4] == ("0", "1", "0", "1")
    assert lines(connection)["low"][:4] == ("0", "0", "0", "0")


def test_overdue_at_the_end(connection: "psycopg.Connection[object]") -> None:
    connection.execute("update upkeep.due_days set days = 2 where severity = 'high'")
    answer(connection, 10, breach(found("late")), target=TARGETS[0])
    answer(connection, 24, breach(found("late")), target=TARGETS[0])
    answer(connection, 24, breach(found("fresh")), target=TARGETS[1])
    assert lines(connection)["high"][:5] == ("0", "2", "0", "2", "1")


def test_asked_again_later_it_says_the_same(connection: "psycopg.Connection[object]") -> None:
    answer(connection, 10, breach(found("x")))
    before = made(connection)
    answer(connection, 26, CALM)
    answer(connection, 27, breach(found("y")))
    assert made(connection) == before
