"""The pages of dependencies: repositories by severity, faults with their clock, and where a package is used."""

from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.advisories.made import advisory
from tests.checks.security.test_vulnerabilities import Shop, bad, waiver, week
from tests.lab import Lab
from upkeep.advisories.exploited import Exploited
from upkeep.answer import Answer
from upkeep.checks.security.vulnerabilities import vulnerabilities
from upkeep.store.answers import Provenance, save
from upkeep.store.migrate import migrate
from upkeep.ui.app import create_app
from upkeep.window import Window

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def client(lab: Lab) -> TestClient:
    """The pages over an empty report database."""
    migrate(lab.endpoint)
    return TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/")


def put(lab: Lab, answer: Answer, target: str = "shop", window: Window | None = None) -> None:
    window = window or week(0)
    by = Provenance("weekly", "scheduled__x", "security.vulnerabilities", 0, 1, window.end, 1)
    with lab.endpoint.connect("put") as connection:
        connection.execute(
            "insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)"
            " values ('weekly', %s, %s, 'weekly', 'scheduled__x', 'scheduled', 't', now()) on conflict do nothing",
            [window.start, window.end],
        )
        save(connection, vulnerabilities, target, window, answer, by)


def test_without_any_it_says_what_to_do(client: TestClient) -> None:
    page = client.get("/dependencies")
    assert page.status_code == 200
    assert "name <code>repositories</code> and <code>advisories</code> in the inventory" in page.text


def with_faults(folder: Path) -> Shop:
    """A shop with a fault that is known to be exploited, and one that nobody rated."""
    shop = Shop(folder)
    shop.advisories = [bad("GHSA-1", aliases=["CVE-1"], summary=HOSTILE), advisory("B", "other", "introduced=0")]
    shop.more["exploited"] = {"CVE-1": Exploited("CVE-1", date(2026, 1, 1), date(2026, 1, 22), in_ransomware=False)}
    return shop


def test_faults_are_shown_with_their_clock_and_fix(client: TestClient, lab: Lab, tmp_path: Path) -> None:
    put(lab, with_faults(tmp_path).ask())
    page = client.get("/dependencies").text
    assert "<script>alert" not in page
    assert page.index("<b>CVE-1</b>") < page.index("<b>B</b>")
    assert "known to be exploited" in page
    assert '<span class="mark critical">overdue</span>' in page
    assert "also GHSA-1" in page
    assert "unrated" in page
    assert "dags/weekly/runs/scheduled__x/tasks/security.vulnerabilities/mapped/0" in page
    assert 'aria-current="page">Dependencies<' in page
    assert "Faults of shop" in client.get("/dependencies?target=shop").text
    assert "No fault is known of elsewhere" in client.get("/dependencies?target=elsewhere").text


def test_a_package_says_where_it_is_used(client: TestClient, lab: Lab, tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.advisories = [bad("CVE-1")]
    put(lab, shop.ask())
    page = client.get("/package?ecosystem=PyPI&name=it").text
    assert "<b>CVE-1</b>" in page
    assert "poetry.lock" in page
    assert "No repository locks it" in client.get("/package?ecosystem=npm&name=it").text
    assert client.get("/package").status_code == 200


def test_what_passes_and_what_is_unknown_is_said(client: TestClient, lab: Lab, tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.advisories = [bad("CVE-1")]
    shop.waivers = [waiver("CVE-1", 0, 3)]
    put(lab, shop.ask())
    put(lab, Answer.unknown("could not check everything: uv.lock: broken"), "blog")
    page = client.get("/dependencies").text
    assert '<span class="mark unknown">unknown</span>' in page
    assert "uv.lock: broken" in page
    assert "accepted" in page
