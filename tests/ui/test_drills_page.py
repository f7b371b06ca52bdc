"""The page of drills: each step against its plan, what failed and what is missing, and how drills went over time."""

import json
import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from tests.drills.stored import a_step, months, put_drill
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
    page = client.get("/drills")
    assert page.status_code == 200
    assert "upkeep job disaster_drill DATABASE" in page.text
    assert client.get("/drills?target=nobody").status_code == 200
    assert 'href="drills"' in client.get("/backups").text


def test_every_step_stands_against_its_plan_and_the_trend_over_drills(client: TestClient, lab: Lab) -> None:
    for number, window in enumerate(months(3)):
        at = window.end + timedelta(minutes=9)
        steps = [
            a_step(at, 1, name="ring", kind="person", result="planned", seconds=None, expected_seconds=1200.0),
            a_step(at, 2, name="restore it", kind="restore", seconds=100.0 + 10 * number),
            a_step(at, 3, name=HOSTILE, result="failed", message=HOSTILE),
            a_step(at, 4, name="roles", kind="needed", result="missing", seconds=None, expected_seconds=None),
        ]
        put_drill(lab, "shop", window, steps, network="shut off from the plan's programs")
    put_drill(lab, "stock", months(1)[0], [a_step(months(1)[0].end, 1)])
    page = client.get("/drills").text
    assert "<script>alert" not in page
    for reason in (
        "1 of 3 steps done in 2.5 min, 2 min by the plan", "1 failed", "1 missing in the plan", "beside the plan",
        '<span class="late">2 min</span>', "network shut off from the plan", "1 of 1 step done in 30 s", "plan efefefefefef",
    ):  # fmt: skip
        assert reason in page, reason
    plots = [json.loads(found) for found in re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)]
    assert [[series["label"] for series in plot["series"]] for plot in plots] == [["took", "by the plan"], ["failed", "missing"]]
    assert plots[0]["series"][0]["values"] == [130.0, 140.0, 150.0]
    assert page.count("<h3>") == 2, "the newest of each"
    one = client.get("/drills?target=shop").text
    assert one.count("<h3>") == 3
    assert "stock" not in one
