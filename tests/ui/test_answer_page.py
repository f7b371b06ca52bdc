"""The answer of one window, where a point of a plot leads: of one target with all of it, or of every target."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from starlette.testclient import TestClient

from tests.lab import Lab
from tests.ui.conftest import HOSTILE

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def end(past: Lab) -> datetime:
    """When the newest daily window ended."""
    with past.endpoint.connect("look") as connection:
        found = connection.execute("select window_end from upkeep.latest_run where cadence = 'daily'").fetchone()
    assert found
    assert isinstance(found[0], datetime)
    return found[0]


def answer(client: TestClient, **words: Any) -> str:
    return str(client.get(f"/answer?{urlencode(words)}").text)


def test_of_one_target_it_says_everything(past: Lab, client: TestClient, end: datetime) -> None:
    with past.endpoint.connect("look") as connection:
        found = said(connection, end)
    html = answer(client, duty="sequences", target="shop", at=end.isoformat())
    assert found in html
    assert "sequences measured" in html
    assert "public.orders_id_seq" in html
    assert 'href="run?dag_id=daily' in html
    assert 'href="report?cadence=daily' in html


def said(connection: "psycopg.Connection[Any]", end: datetime) -> str:
    query = "select summary from upkeep.answer where duty = 'sequences' and target = 'shop' and window_end = %s"
    found = connection.execute(query, [end]).fetchone()
    assert found
    return str(found[0])


def test_of_every_target_those_in_breach_come_first(client: TestClient, end: datetime) -> None:
    html = answer(client, duty="sequences", at=end.isoformat())
    assert html.count('class="status ') == 10, "nine, and one with a hostile name"
    assert html.index('class="status breach"') < html.index('class="status ok"')
    assert "<script>alert" not in html


def test_what_was_found_is_shown_as_text(client: TestClient, end: datetime) -> None:
    html = answer(client, duty="sequences", target=HOSTILE, at=end.isoformat())
    assert "Found then" in html
    assert 'class="sev critical"' in html
    assert "<script>alert" not in html


@pytest.mark.parametrize("hours", [0, -1, -23])
def test_a_moment_within_the_window_finds_it(client: TestClient, end: datetime, hours: int) -> None:
    page = client.get(
        f"/answer?{urlencode({'duty': 'sequences', 'target': 'shop', 'at': (end + timedelta(hours=hours)).isoformat()})}"
    )
    assert page.status_code == 200
    assert f"{end - DAY:%-d %b %Y}</h1>" in page.text


def test_a_day_is_the_window_of_its_noon(client: TestClient, end: datetime) -> None:
    for back in (1, 5):
        html = answer(client, duty="sequences", target="shop", day=(end - back * DAY).isoformat())
        assert f"{end - back * DAY:%-d %b %Y}</h1>" in html


def test_of_a_weekly_duty_each_day_leads_to_its_week(client: TestClient, end: datetime) -> None:
    monday = end - (end.weekday() or 7) * DAY
    pages = [answer(client, duty="bloat", target="shop", day=(monday - back * DAY).isoformat()) for back in (1, 7)]
    titles = {page[page.index("<h1>") : page.index("</h1>")] for page in pages}
    assert len(titles) == 1


@pytest.mark.parametrize(
    "words",
    [
        {"duty": "sequences", "target": "shop", "at": "2031-01-01T00:00Z"},
        {"duty": "sequences", "at": "9999-12-31T23:59Z"},
        {"duty": "sequences", "target": "shop", "day": "9999-12-31T23:59Z"},
        {"duty": "sequences", "target": "shop", "at": "0001-01-01T00:00"},
        {"duty": "nothing"},
        {"duty": HOSTILE, "target": HOSTILE, "at": "2026-01-01T00:00Z"},
    ],
)
def test_where_none_is_kept_it_says_so_and_where_to_go_on(client: TestClient, words: dict[str, str]) -> None:
    page = client.get(f"/answer?{urlencode(words)}")
    assert page.status_code == 404
    assert "No answer of this window" in page.text
    assert 'href="duty?name=' in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("query", ["duty=sequences&at=yesterday", "at=2026-01-01T00:00Z", "duty=sequences&day=2026-02-30T00:00Z"])
def test_an_address_that_cannot_be_read_says_so(client: TestClient, query: str) -> None:
    assert client.get(f"/answer?{query}").status_code == 400


def test_a_report_is_found_by_its_end(client: TestClient, end: datetime) -> None:
    page = client.get(f"/report?{urlencode({'cadence': 'daily', 'end': end.isoformat()})}")
    assert page.status_code == 200
    assert f"{end - DAY:%Y-%m-%d}" in page.text
