"""The page of capacity: what ends first, its fan and its limit, and what to do when there is none."""

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from tests.capacity_world import foretold, keep, put_days, put_storage
from tests.lab import Lab
from tests.stats.made import straight
from upkeep.store.migrate import migrate
from upkeep.ui.app import create_app

if TYPE_CHECKING:
    import psycopg

HOSTILE = '<script>alert(1)</script> "ä"'


@pytest.fixture
def connection(lab: Lab) -> "psycopg.Connection[Any]":
    """An empty report database."""
    migrate(lab.endpoint)
    return lab.session()


@pytest.fixture
def client(lab: Lab, connection: "psycopg.Connection[Any]") -> TestClient:
    """The pages over it."""
    assert connection
    return TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/")


def plotted(html: str) -> list[dict[str, Any]]:
    return [json.loads(found) for found in re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)]


def test_without_any_it_says_what_to_do(client: TestClient) -> None:
    page = client.get("/capacity")
    assert page.status_code == 200
    assert "the quarterly run makes them, from 14 days of the daily run on" in page.text


def test_a_fan_from_the_newest_value_and_a_line_at_the_limit(
    client: TestClient, lab: Lab, connection: "psycopg.Connection[Any]"
) -> None:
    put_storage(connection, straight(90))
    keep(connection, foretold(lab, connection, storage_gb=160))
    html = client.get("/capacity").text
    plot = plotted(html)[0]
    assert [one["label"] for one in plot["series"]] == ["measured", "at most", "expected", "at least", "limit"]
    measured, high, _, low, limit = (one["values"] for one in plot["series"])
    join = max(place for place, value in enumerate(measured) if value is not None)
    assert measured[join] == high[join] == low[join]
    assert [len(plot["x"]), set(limit), plot["band"]] == [len(limit), {160e9}, [1, 3]]
    assert plot["x"] == sorted(plot["x"])
    assert "80 % were promised" in html
    assert "/tasks/database.capacity/mapped/0" in html


def test_names_are_data_and_short_pasts_are_unknown(client: TestClient, lab: Lab, connection: "psycopg.Connection[Any]") -> None:
    put_days(connection, "sequences", "sequence_used", [0.5] * 5, "1", sequence=HOSTILE)
    put_days(connection, "wraparound", "xid_age", [0.1] * 40, "1", database=HOSTILE)
    keep(connection, foretold(lab, connection))
    html = client.get("/capacity", params={"target": "lab"}).text
    assert "<script>alert" not in html
    assert "too short a history: 5 values over 5 days, 14 are needed" in html
    assert len(plotted(html)) == 1


def test_another_database_has_none(client: TestClient, lab: Lab, connection: "psycopg.Connection[Any]") -> None:
    put_storage(connection, straight(30))
    keep(connection, foretold(lab, connection))
    assert "No forecast yet" in client.get("/capacity", params={"target": "other"}).text
