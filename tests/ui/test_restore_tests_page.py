"""The page of restore tests: times by stage and recovery point against objectives, with links to backup, restore and run."""

import json
import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from tests.drills.stored import SECONDS, a_test, months, put
from tests.lab import Lab
from upkeep.store.migrate import migrate
from upkeep.ui.app import create_app

HOSTILE = '<script>alert(1)</script> "ä"'


@pytest.fixture
def client(lab: Lab) -> TestClient:
    """The pages over an empty report database."""
    migrate(lab.endpoint)
    return TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/")


def test_without_any_it_says_what_to_do(client: TestClient) -> None:
    page = client.get("/restore_tests")
    assert page.status_code == 200
    assert "upkeep job restore_test DATABASE" in page.text
    assert client.get("/restore_tests?target=nobody").status_code == 200
    assert 'href="restore_tests"' in client.get("/backups").text


def test_times_and_points_stand_against_their_objectives(client: TestClient, lab: Lab) -> None:
    for window in months(4):
        at = window.end + timedelta(minutes=9)
        old = a_test(at, backup_id="old-one", chosen_as="rotation", result="damaged", message="rows/1 has other content",
                     seconds={}, recovery_seconds=None, recovery_point=None)  # fmt: skip
        put(lab, "shop", window, [a_test(at, restore_id="r-1"), old], rto=14400.0, rpo=93600.0)
    put(lab, HOSTILE, months(1)[0], [a_test(months(1)[0].end, smoke={HOSTILE: {"verdict": "wrong", "found": HOSTILE}})])
    page = client.get("/restore_tests").text
    assert "<script>alert" not in page
    for reason in (
        "17.1 min of 4 h that are agreed", "1.1 d are agreed", "measured on 5,250,012 rows", "(heartbeat)",
        "no objective (<code>rto",
        "restore?id=r-1", "backups?target=shop", "dags/monthly/runs/scheduled__x", "damaged", "rows/1 has other content",
        "212 indexes and 80 tables gone through", "1 object found as stored", "its turn",
    ):  # fmt: skip
        assert reason in page, reason
    assert page.index("find 0.2 s") < page.index("check 30.0 s")
    plots = [json.loads(found) for found in re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)]
    assert [[series["label"] for series in plot["series"]] for plot in plots[:2]] == [["all", *SECONDS], ["age when tested"]]
    assert [series["label"] for series in plots[2]["series"]] == ["all", *SECONDS, "objective"]
    assert len(plots[2]["x"]) == 4
    assert [series["label"] for series in plots[3]["series"]] == ["age when tested", "objective"]
    assert HOSTILE not in client.get("/restore_tests?target=shop").text


def test_a_backup_that_could_not_be_tested_is_unknown_not_proven(client: TestClient, lab: Lab) -> None:
    at = months(1)[0].end
    lost = a_test(at, result="unknown", message="it is encrypted", seconds={}, recovery_seconds=None, recovery_point=None,
                  rows=None, copy_bytes=None, smoke={}, objects={})  # fmt: skip
    put(lab, "shop", months(1)[0], [lost])
    page = client.get("/restore_tests").text
    assert '<span class="mark unknown">unknown</span>' in page
    assert "not measured" in page
    assert "data-plot" not in page
