"""The page of certificates: first to end first, names of any kind, and what to do when there is none."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.lab import Lab, asking
from upkeep.answer import Answer
from upkeep.checks.security.certificates import Certificate, certificates
from upkeep.sources.connections import OneDatabase
from upkeep.store.answers import Provenance, save
from upkeep.store.migrate import migrate
from upkeep.targets.endpoint import NetworkEndpoint
from upkeep.ui.app import create_app
from upkeep.window import Cadence

NOW = datetime.now(UTC)
HOSTILE = '<script>alert(1)</script> "ä"'


def shown(place: int, subject: str, left_days: float) -> Certificate:
    return Certificate(
        place=place, subject=f"CN={subject}", issuer="CN=Middle", serial="1f", not_before=NOW - timedelta(days=50),
        not_after=NOW + timedelta(days=left_days), names=(subject, "www.test") if place == 0 else (), key="EC 256",
        signature="sha256", sha256="ab" * 32,
    )  # fmt: skip


@pytest.fixture
def client(lab: Lab) -> TestClient:
    """The pages over an empty report database."""
    migrate(lab.endpoint)
    return TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/")


def put(lab: Lab, name: str, *records: Certificate) -> None:
    site = NetworkEndpoint(name=name, owner="ann", address="https://site.test")
    asked: Any = asking(certificates, site, OneDatabase(lab.endpoint))
    by = Provenance("weekly", "scheduled__x", "security.certificates", 0, 1, NOW, 1)
    with lab.endpoint.connect("put") as connection:
        connection.execute(
            "insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)"
            " values (%s, %s, %s, 'weekly', 'scheduled__x', 'scheduled', 't', now()) on conflict do nothing",
            [Cadence.WEEKLY.value, asked.window.start, asked.window.end],
        )
        save(connection, certificates, name, asked.window, Answer.judged("fine", records=records), by)


def test_without_any_it_says_what_to_do(client: TestClient) -> None:
    page = client.get("/certificates")
    assert page.status_code == 200
    assert "name <code>endpoints</code> in the inventory" in page.text


def test_the_first_to_end_comes_first(client: TestClient, lab: Lab) -> None:
    put(lab, "site", shown(0, "late.test", 50), shown(1, "old middle", -1))
    put(lab, HOSTILE, shown(0, HOSTILE, 5))
    page = client.get("/certificates").text
    assert page.index("CN=old middle") < page.index("CN=&lt;script&gt;") < page.index("CN=late.test")
    assert "<script>alert" not in page
    assert '<span class="mark critical">expired</span>' in page
    assert '<meter min="0" max="1" low="0.15" high="0.3" optimum="1" value="0.500"' in page
    assert "50 %" in page
    assert "for late.test, www.test" in page
    assert "dags/weekly/runs/scheduled__x/tasks/security.certificates/mapped/0" in page
    assert 'aria-current="page">Certificates<' in page
