"""Secrets in the weekly and monthly report: what was rotated, what is due, what is stuck, each in its window alone."""

from datetime import timedelta

import pytest

from tests.lab import NOW as ASKED
from tests.lab import Lab
from tests.rotation.stored import StoredSecrets
from upkeep.answer import Answer, Finding, Severity
from upkeep.reports.section import Section, sections_of
from upkeep.reports.sections.secrets import secrets
from upkeep.rotation.rotation import State
from upkeep.sources.rows import Rows
from upkeep.store.migrate import migrate
from upkeep.window import Cadence, Window

END = ASKED.replace(hour=0)
WEEK = Window(END - timedelta(days=7), END)
STUCK = Finding(
    rule="rotation_stuck", object="x", severity=Severity.MEDIUM, title="a value of x is pending for 2 d", remedy="see"
)


@pytest.fixture
def stored(lab: Lab) -> StoredSecrets:
    """No secret yet."""
    migrate(lab.endpoint)
    return StoredSecrets(lab)


def section(stored: StoredSecrets, window: Window = WEEK) -> Section | None:
    with stored.lab.endpoint.connect("read") as connection:
        return secrets.make(Rows(connection), window)


def test_without_secrets_there_is_no_section(stored: StoredSecrets) -> None:
    assert section(stored) is None


@pytest.mark.baseline
def test_all_is_well(stored: StoredSecrets) -> None:
    stored.seen("shop login", current_since=END - timedelta(days=10))
    found = section(stored)
    assert found
    assert found.text == "0 of 1 secret rotated; 0 due before the next report; nothing is in the way"
    assert found.rows == (("shop login", "10 d of 90 d", "0", f"{END + timedelta(days=80):%Y-%m-%d}", "none", ""),)


@pytest.mark.fault
def test_what_was_rotated_is_due_stuck_and_unknown(stored: StoredSecrets) -> None:
    at = END - timedelta(days=2)
    stored.seen("shop login", current_since=at)
    stored.rotated("shop login", reason="compromised", begun_at=at, promoted_at=at, dead_at=at)
    stored.rotated("shop login", state=State.ROTATED, begun_at=at, promoted_at=END + timedelta(hours=1), dead_at=END)
    stored.seen("x", STUCK, current_since=END - timedelta(days=85))
    stored.answered("token", Answer.unknown("the store is away", "start it"))
    found = section(stored)
    assert found
    assert found.text == (
        "1 of 3 secrets rotated: shop login; compromised: shop login; 1 due before the next report: x; "
        "1 with something in the way: x; 1 unknown: token"
    )
    table = {row[0]: row[1:] for row in found.rows}
    assert table["token"] == ("unknown", "0", "", "none", "the store is away")
    assert table["x"][-1] == STUCK.title
    assert table["shop login"][1] == "1", "what became current after the window is another's"
    assert table["shop login"][3] == f"b dead since {at:%Y-%m-%d}"
    assert section(stored, Window(END, END + timedelta(days=7))) is None


@pytest.mark.parametrize("cadence", [Cadence.DAILY, Cadence.WEEKLY, Cadence.MONTHLY])
def test_it_stands_in_the_reports_of_weeks_and_months(stored: StoredSecrets, cadence: Cadence) -> None:
    stored.seen("shop login")
    with stored.lab.endpoint.connect("read") as connection:
        assert ("secrets" in sections_of(Rows(connection), cadence, WEEK)) is (cadence is not Cadence.DAILY)
