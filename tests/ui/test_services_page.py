"""The pages of services: their newest signals and small plots, one service over a month or a year."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.lab import Lab, fresh_reports
from tests.service_world import DAY, day_of, put_day
from upkeep.signals.minutes import Minute
from upkeep.sources.scratch import ScratchServer
from upkeep.ui.app import create_app

NEVER_ASKED = """
    insert into upkeep.target (name, kind, owner, red_at, tags, active)
    values ('gateway', 'services', 'bo', 'high', '{}', true)
"""
HOSTILE = """<script>alert("'")</script> a/b&c?d=%2F"""


def midnight() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def client(server: ScratchServer) -> Iterator[TestClient]:
    """A service with forty days, an outage that nobody saw in one of them, and one that was never asked."""
    with fresh_reports(server, "services_page") as lab:
        session = lab.session()
        for back in range(40):
            minutes = [None] if back == 3 else [Minute(100 + back, 1, 2, 0, 3)]
            bounds = (0.25, 0.5) if back % 2 else (0.3, 0.3)
            status, summary = ("unknown", "nothing was seen") if back == 3 else ("ok", "as usual")
            put_day(session, HOSTILE, midnight() - back * DAY, day_of(midnight() - back * DAY, minutes, bounds), status, summary)
        session.execute(NEVER_ASKED)
        yield TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/")


def plotted(html: str) -> list[dict[str, Any]]:
    return [json.loads(found) for found in re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)]


def test_without_any_it_says_what_to_do(reports: Lab) -> None:
    page = TestClient(create_app(lambda: reports.endpoint, []), base_url="http://test/").get("/services")
    assert "name one under <code>services</code>" in page.text


def test_each_service_has_a_row_with_its_newest_numbers(client: TestClient) -> None:
    html = client.get("/services").text
    assert "<script>alert" not in html
    assert "144,000" in html
    assert "1 %" in html
    assert "300 ms" in html
    assert "not asked yet" in html
    assert html.count('class="spark"') == 4


def test_a_day_that_nobody_saw_is_a_gap_in_the_line(client: TestClient) -> None:
    first = re.findall(r'<svg class="spark".*?</svg>', client.get("/services").text, re.DOTALL)[0]
    assert first.count("<polyline") == 2


def test_text_narrows_the_list(client: TestClient) -> None:
    assert "gateway" in client.get("/services?text=bo").text
    assert "No service has" in client.get("/services?text=nothing").text


def test_one_service_over_a_span(client: TestClient) -> None:
    page = client.get(f"/service?name={quote(HOSTILE)}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    requests, errors, latency, slow, seen = plotted(page.text)
    assert len(requests["x"]) == 30
    assert [one["label"] for one in latency["series"]] == [
        "median at least", "median at most", "95th percentile at least", "95th percentile at most", "objective",
    ]  # fmt: skip
    assert requests["series"][0]["values"][-4] is None
    assert seen["series"][0]["values"][-4] == 0
    assert (errors["unit"], slow["unit"]) == ("1", "1")
    year = client.get(f"/service?name={quote(HOSTILE)}&days=365")
    assert len(plotted(year.text)[0]["x"]) == 40


def test_a_span_that_is_none_is_a_month(client: TestClient) -> None:
    assert len(plotted(client.get(f"/service?name={quote(HOSTILE)}&days=31").text)[0]["x"]) == 30


def test_a_service_without_rows_says_how_they_come(client: TestClient) -> None:
    assert "No signals in these days" in client.get("/service?name=gateway").text


def test_an_unknown_name_leads_to_the_nearest(client: TestClient) -> None:
    page = client.get("/service?name=gatewy")
    assert page.status_code == 404
    assert "service?name=gateway" in page.text
