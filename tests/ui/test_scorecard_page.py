"""The page Scorecard: every target of the newest window, its thirteen windows, and where it comes from."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from tests.lab import Lab
from tests.service_world import day_of, put_day
from upkeep.signals.minutes import Minute
from upkeep.ui.app import create_app


@pytest.fixture
def client(reports: Lab) -> TestClient:
    """The pages over a report database without a past."""
    return TestClient(create_app(lambda: reports.endpoint, []), base_url="http://test/")


def test_without_a_past_everything_is_unknown(client: TestClient) -> None:
    page = client.get("/scorecard")
    assert page.status_code == 200
    assert "0 met, 0 missed, 14 unknown" in page.text
    assert "test coverage" in page.text
    assert "reports of pipelines are not read yet" in page.text
    assert "ci_scans, not there yet" in page.text


def test_days_with_their_trend_and_links(client: TestClient, reports: Lab) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    connection = reports.session()
    connection.execute(
        "insert into upkeep.duty (name, area, kind, cadence, owner, title, dated, target_kind, active)"
        " values ('golden_signals', 'service', 'check', 'daily', 'operations', 'Title', true, 'services', true)"
    )
    for back in range(5):
        end = midnight - timedelta(days=back)
        put_day(connection, '<b>"web"</b>', end, day_of(end, [Minute(100, 1 + back, slow=2)]))
    at_once = client.get("/scorecard", params={"cadence": "daily"}).text
    assert "2 met, 1 missed, 11 unknown" in at_once
    assert "of 13 windows" not in at_once
    assert 'href="scorecard?cadence=daily&amp;trend=true"' in at_once
    html = client.get("/scorecard", params={"cadence": "daily", "trend": "true"}).text
    assert "2 met, 1 missed, 11 unknown" in html
    assert "known in 5 of 13 windows" in html
    assert 'href="duty?name=golden_signals"' in html
    assert "1,440 of 144,000" in html
    assert '<b>"web"</b>' not in html


def test_a_window_that_is_none_is_the_week(client: TestClient) -> None:
    assert client.get("/scorecard", params={"cadence": "hourly"}).status_code == 200


def test_it_heads_the_overview_once_something_is_known(client: TestClient, reports: Lab) -> None:
    assert "Targets of the whole system" not in client.get("/").text
    now = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(14):
        end = now - timedelta(days=back)
        put_day(reports.session(), "web", end, day_of(end, [Minute(100, 1, slow=2)]))
    html = client.get("/").text
    assert "Targets of the whole system" in html
    assert "requests that failed: missed, target" in html
