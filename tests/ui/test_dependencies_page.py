"""The pages of dependencies: repositories by severity, faults with their clock, and where a package is used."""

import hashlib
import json
import re
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.advisories.made import advisory
from tests.checks.security.test_vulnerabilities import Shop, bad, waiver, week
from tests.lab import Lab
from upkeep.advisories.exploited import Exploited
from upkeep.answer import Answer
from upkeep.checks.dependencies.inventory import Sbom, inventory
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


def year(page: str) -> dict[str, list[float | None]]:
    """The lines of the plot of a year, by their names."""
    found = re.search(r'<script type="application/json">(.*?)</script>', page)
    return {one["label"]: one["values"] for one in json.loads(found[1])["series"]} if found else {}


def test_a_year_of_openings_and_closings_is_plotted(client: TestClient, lab: Lab, tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.advisories = [bad("CVE-1")]
    put(lab, shop.ask(week(0)), window=week(0))
    assert year(client.get("/dependencies").text) == {}, "one week is no line"
    shop.lock("1.2")
    put(lab, shop.ask(week(1)), window=week(1))
    put(lab, Answer.unknown("could not check"), window=week(2))
    shop.lock("1.0")
    put(lab, shop.ask(week(3)), window=week(3))
    for address in ("/dependencies", "/dependencies?target=shop"):
        assert year(client.get(address).text) == {
            "open": [1, 0, None, 1],
            "opened": [1, 0, None, 1],
            "closed": [0, 1, None, 0],
            "repositories not judged": [0, 0, 1, 0],
        }
    assert year(client.get("/dependencies?target=elsewhere").text) == {}


def keep(lab: Lab, target: str, document: str) -> str:
    """One SBOM as `inventory` keeps it; its digest."""
    digest = hashlib.sha256(document.encode()).hexdigest()
    window = week(0)
    sbom = Sbom("CycloneDX 1.6", "c" * 40, 3, digest, document)
    by = Provenance("quarterly", "scheduled__x", "dependencies.inventory", 0, 1, window.end, 1)
    with lab.endpoint.connect("put") as connection:
        save(connection, inventory, target, window, Answer.judged("3 packages", records=[sbom]), by)
    return digest


def test_sboms_are_listed_and_given_byte_for_byte(client: TestClient, lab: Lab) -> None:
    assert "No SBOM is kept yet" in client.get("/sboms").text
    text = '{"bomFormat": "CycloneDX", "name": "Größe"}\n'
    digest = keep(lab, "shop ä/1", text)
    page = client.get("/sboms").text
    assert "shop ä/1" in page
    assert digest[:16] in page
    assert 'aria-current="page">Dependencies<' in page
    assert "No SBOM is kept of blog" in client.get("/sboms?target=blog").text
    given = client.get("/sbom.cdx.json", params={"target": "shop ä/1", "sha256": digest})
    assert given.content == text.encode()
    assert given.headers["content-type"].startswith("application/vnd.cyclonedx+json")
    assert given.headers["content-disposition"] == 'attachment; filename="shop-1-2026-06-01.cdx.json"'
    assert hashlib.sha256(given.content).hexdigest() == digest


@pytest.mark.parametrize("asked", ["", "?target=shop", "?target=shop&sha256=0", "?target=other&sha256={}"])
def test_an_sbom_that_is_not_there_is_said_to_be_gone(client: TestClient, lab: Lab, asked: str) -> None:
    digest = keep(lab, "shop", "{}")
    gone = client.get(f"/sbom.cdx.json{asked.format(digest)}")
    assert gone.status_code == 404
    assert "No such SBOM" in gone.text


def test_every_page_says_the_same_day_where_a_waiver_paused_the_clock_or_the_target_has_its_own_days(
    client: TestClient, lab: Lab, tmp_path: Path
) -> None:
    shop = Shop(tmp_path)
    shop.advisories = [bad("CVE-1")]
    shop.waivers = [waiver("CVE-1", 1, 3)]
    for number in range(5):
        put(lab, shop.ask(week(number), critical_days=20), window=week(number))
    with lab.endpoint.connect("declare") as connection:
        connection.execute(
            "insert into upkeep.due_days values ('critical', 7);"
            " insert into upkeep.target values ('shop', 'repositories', 'ann', 'U1', 'high', '{}', null, true);"
            " insert into upkeep.duty values"
            " ('vulnerabilities', 'security', 'check', 'weekly', 'security', 't', true, 'repositories', true)"
        )
    assert "overdue</span> 5 Jul 2026<" in client.get("/dependencies").text
    for page in ("/findings", "/findings?state=overdue", "/target?name=shop"):
        assert 'datetime="2026-07-05T00:00:00' in client.get(page).text, page


def test_a_fault_accepted_since_it_was_found_is_not_counted_as_overdue(client: TestClient, lab: Lab, tmp_path: Path) -> None:
    put(lab, with_faults(tmp_path).ask())
    assert lab.value("select count(*) from upkeep.vulnerability where due_at < now()") > 0
    with lab.endpoint.connect("waive") as connection:
        connection.execute(
            "insert into upkeep.waiver (id, duty, target, reason, issue, approver, starts_on, expires_on, active) values"
            " ('w', 'vulnerabilities', 'shop', 'why', 'https://x.example/1', 'ann', '2026-05-01', '2100-01-01', true)"
        )
    page = client.get("/dependencies").text
    assert "overdue</span>" not in page
    assert 'data-label="overdue">0<' in page
