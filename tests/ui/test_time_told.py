"""Pages tell when something was found and gone, beside its window; what names a process is offered while it holds."""

import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.lab import Lab
from tests.reports.world import DUTIES, TARGETS, breach, build_world, found
from upkeep.answer import Answer, Finding, Severity
from upkeep.store.answers import Provenance, save
from upkeep.store.runs import begin_run, finish_run
from upkeep.ui.app import create_app
from upkeep.window import Cadence, Window

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
MIDNIGHT = NOW.replace(hour=0, minute=0)
# As a weekly window that ended three days ago, asked about five hours ago.
WINDOW = Window(MIDNIGHT - timedelta(days=10), MIDNIGHT - timedelta(days=3))
SHOP = TARGETS[0]


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests together take most of an hour: what is five hours ago is so when its own test begins."""
    monkeypatch.setattr(sys.modules[__name__], "NOW", datetime.now(UTC).replace(second=0, microsecond=0))


def by(at: datetime, run_id: str = "scheduled__x") -> Provenance:
    return Provenance("daily", run_id, "database.sequences", 0, 1, at, 0.5)


def ask(lab: Lab, answer: Answer, at: datetime, window: Window = WINDOW) -> None:
    with lab.session() as connection:
        save(connection, DUTIES[0], SHOP, window, answer, by(at))


@pytest.fixture
def pages(lab: Lab) -> TestClient:
    build_world(lab.endpoint)
    return TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/")


def ending(pid: int) -> Finding:
    remedy = f"select pg_terminate_backend({pid}); -- it is idle in transaction"
    return Finding(rule="idle", object="app", severity=Severity.CRITICAL, title="app is idle", remedy=remedy)


@pytest.mark.parametrize("page", ["findings", f"target?name={SHOP}", "duty?name=sequences", "area?name=database", ""])
def test_found_five_hours_ago_in_a_window_of_last_week(lab: Lab, pages: TestClient, page: str) -> None:
    with lab.session() as connection:
        begin_run(connection, Cadence.DAILY, WINDOW, by(NOW - timedelta(hours=5)), "scheduled", "t")
    ask(lab, breach(found("orders")), NOW - timedelta(hours=5))
    text = pages.get(page).text
    assert "5 h ago</time>" in text or "the oldest for 5 h" in text
    assert "in " in text
    assert "3 d ago</time><div" not in text
    assert "the oldest for 3 d" not in text


def test_the_run_tells_when_it_was_found_and_keeps_its_times(lab: Lab, pages: TestClient) -> None:
    with lab.session() as connection:
        begin_run(connection, Cadence.DAILY, WINDOW, by(NOW - timedelta(hours=30)), "scheduled", "t")
        finish_run(connection, Cadence.DAILY, WINDOW, NOW - timedelta(hours=28))
        begin_run(connection, Cadence.DAILY, WINDOW, by(NOW - timedelta(hours=5)), "scheduled", "t")
    ask(lab, breach(found("orders")), NOW - timedelta(hours=5))
    address = f"run?dag_id=daily&run_id={quote('scheduled__x')}"
    text = pages.get(address).text
    assert "took <b>2 h</b>" in text
    assert "under way" in text
    assert "began again" in text
    with lab.session() as connection:
        finish_run(connection, Cadence.DAILY, WINDOW, NOW)
    text = pages.get(address).text
    assert "took <b>2 h</b>" in text
    assert "under way" not in text
    assert "reported again" in text


@pytest.mark.parametrize("page", ["findings", f"target?name={SHOP}", "duty?name=sequences"])
def test_a_process_is_named_while_that_can_be_true(lab: Lab, pages: TestClient, page: str) -> None:
    ask(lab, breach(ending(4711)), datetime.now(UTC))
    text = pages.get(page).text
    assert 'data-copy="select pg_terminate_backend(4711);"' in text
    assert "as of 20" in text
    ask(lab, breach(ending(4711)), NOW - timedelta(hours=2))
    text = pages.get(page).text
    assert "4711" not in text
    assert "by now they may be others" in text


def test_mended_within_its_window_is_in_the_list_of_what_is_resolved(lab: Lab, pages: TestClient) -> None:
    ask(lab, breach(found("orders"), found("stays")), NOW - timedelta(hours=5))
    ask(lab, breach(found("stays")), NOW - timedelta(hours=2))
    text = pages.get("findings?state=resolved").text
    assert "orders is at 91" in text
    assert "stays" not in text
    assert "resolved 2 h ago" in text
    target = pages.get(f"target?name={SHOP}").text
    assert 'data-label="lasted">3 h</td>' in target
