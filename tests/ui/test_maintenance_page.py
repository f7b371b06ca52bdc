"""The page of maintenance: what was done to which table and what it gave, of one target or all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.jobs.database.world import question
from tests.lab import Lab
from upkeep.jobs.database.vacuum import vacuum
from upkeep.maintenance.work import Action, Outcome, Work
from upkeep.reports.sections.maintenance import maintenance
from upkeep.sources.rows import Rows
from upkeep.store.answers import Provenance
from upkeep.store.migrate import migrate
from upkeep.store.table_maintenance import StoredJournal
from upkeep.ui.app import create_app

NOW = datetime.now(UTC)
HOSTILE = '<script>alert(1)</script> "ä"'


def work(name: str, outcome: Outcome = Outcome.DONE, **more: Any) -> Work:
    usual: dict[str, Any] = {
        "seconds": 2.5, "predicted_rows": 2500, "removed_rows": 2000, "kept_rows": 500, "wal_bytes": 2048,
        "held_back_by": "session 7 (ann@shop), 12 transactions back: select pg_terminate_backend(7);",
        "before": {"dead": 2500, "table_bytes": 4096000, "pages": 500, "visible_pages": 0, "xid_age": 900},
        "after": {"dead": 500, "table_bytes": 2048000, "pages": 250, "visible_pages": 125, "xid_age": 12},
    }  # fmt: skip
    return Work(
        id=name, target="lab", table_name=name, action=Action.VACUUM, reasons=("2,500 dead rows, 2.4 times",), outcome=outcome,
        begun_at=NOW - timedelta(hours=1), **{**usual, **more},
    )  # fmt: skip


def put(lab: Lab, *works: Work, by: Provenance | None = None) -> None:
    provenance = by or Provenance("monthly", "scheduled__x", "database.vacuum", 0, 1, NOW, 0)
    with lab.endpoint.connect("put") as connection:
        journal = StoredJournal(connection, question(lab, vacuum).key, provenance)
        for one in works:
            journal.put(one)


@pytest.fixture
def client(lab: Lab) -> TestClient:
    """The pages over an empty report database."""
    migrate(lab.endpoint)
    return TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/")


def test_without_any_it_says_what_to_do(client: TestClient) -> None:
    page = client.get("/maintenance")
    assert page.status_code == 200
    assert "give a database a <code>maintenance</code> login" in page.text


def test_what_was_done_and_what_it_gave(client: TestClient, lab: Lab) -> None:
    put(lab, work("public.t"), work(HOSTILE, Outcome.LOCKED, message="lock not available", after={}, kept_rows=None))
    page = client.get("/maintenance").text
    assert "2,000 of 2,500 dead rows removed" in page
    assert "3.9 MiB to 2.0 MiB" in page
    assert "age 900 to 12 transactions" in page
    assert "50% visible to all" in page
    assert "500 dead rows stayed" in page
    assert "held by session 7 (ann@shop), 12 transactions back" in page
    assert '<span class="mark high">locked by others</span>' in page
    assert "<script>alert" not in page
    assert "dags/monthly/runs/scheduled__x/tasks/database.vacuum/mapped/0" in page
    assert 'aria-current="page">Maintenance<' in page


def test_what_is_not_known_is_left_out(client: TestClient, lab: Lab) -> None:
    bare: dict[str, Any] = {
        "predicted_rows": None, "removed_rows": None, "kept_rows": None, "wal_bytes": None, "held_back_by": None, "after": {},
    }  # fmt: skip
    put(lab, work("public.a", **bare), work("public.b", Outcome.RUNNING, seconds=None, **bare))
    put(lab, replace(work("public.c", **bare), action=Action.ANALYZE))
    page = client.get("/maintenance")
    assert page.status_code == 200
    assert "dead rows removed" not in page.text
    assert "under way" in page.text


def test_of_one_target(client: TestClient, lab: Lab) -> None:
    put(lab, work("public.t"))
    assert "public.t" in client.get("/maintenance?name=lab").text
    assert "public.t" not in client.get("/maintenance?name=other").text


def test_what_a_command_did_leads_to_its_duty(client: TestClient, lab: Lab) -> None:
    put(lab, work("public.t"), by=Provenance("", "", "", -1, 0, NOW, 0))
    page = client.get("/maintenance").text
    assert 'href="duty?name=vacuum"' in page
    assert "dags//runs" not in page


def test_the_section_of_a_report(lab: Lab) -> None:
    migrate(lab.endpoint)
    window = question(lab, vacuum).window
    assert maintenance.make(Rows(lab.session()), window) is None
    put(lab, work("a"), work("b"), work("c", Outcome.LOCKED, kept_rows=None, removed_rows=None, after={}))
    found = maintenance.make(Rows(lab.session()), window)
    assert found
    assert found.text == (
        "2 tables vacuumed; 4,000 dead rows removed; 1,000 kept for somebody who may need them; 1 table could not be reached"
    )
    assert found.rows == (("lab", "vacuum", "2", "1", "4,000", "5,000", "1,000", "3.9 MiB", "6.0 KiB", "7.5 s"),)
