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
BESIDE = (
    """
    insert into upkeep.answer
        (duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds,
            dag_id, run_id, task_id, map_index, try_number)
    values ('slo', %(name)s, %(start)s, %(end)s, 'daily', 'breach', 's', '{}', %(end)s, 1, 'daily', 'r', 'service.slo', 0, 1)
    """,
    """
    insert into upkeep.error_budget
        (duty, target, window_start, window_end, objective, bad_is, goal, days, requests, bad, allowed, budget_left, minutes,
            minutes_seen, pages, tickets)
    values
        ('slo', %(name)s, %(start)s, %(end)s, 'availability', 'errors', 0.999, 30, 5000000, 6000, 5000, -0.2, 43200, 41760, 1, 2),
        ('slo', %(name)s, %(start)s, %(end)s, 'latency', 'slow', 0.99, 30, 5000000, 100, 50000, 0.998, 43200, 41760, 0, 0)
    """,
    """
    insert into upkeep.burn_alert
        (duty, target, window_start, window_end, objective, kind, came_at, ended_at, first_bad_at, factor, long_minutes,
            short_minutes)
    values
        ('slo', %(name)s, %(start)s, %(end)s, 'availability', 'page', %(start)s::timestamptz + interval '10:32',
            %(start)s::timestamptz + interval '11:00', %(start)s::timestamptz + interval '10:20', 14.4, 60, 5)
    """,
    """
    insert into upkeep.answer
        (duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds,
            dag_id, run_id, task_id, map_index, try_number)
    select duty, %(name)s, %(start)s, %(end)s, 'daily', 'breach', 's', '{}', %(end)s, 1, 'daily', 'r', 'service.' || duty, 0, 1
    from unnest(array['anomalies', 'alerts', 'slow_endpoints']) as duty
    """,
    """
    insert into upkeep.anomaly
        (duty, target, window_start, window_end, rule, series, since, until, open, at, value, low, expected, high, unit, chance,
            n, together, deployments)
    values
        ('anomalies', %(name)s, %(start)s, %(end)s, 'error_share_rise', 'share of errors', %(start)s, %(end)s, true, %(start)s,
            0.2, 0, 0, 0.001, '1', 0.0001, 400, '{requests <i>}', '{}')
    """,
    """
    insert into upkeep.alert_firing
        (duty, target, window_start, window_end, alert, labels, severity, began, ended, seconds, acknowledged_known)
    values ('alerts', %(name)s, %(start)s, %(end)s, 'ShopDown<i>', '{}', 'page', %(start)s, null, 600, true)
    """,
    """
    insert into upkeep.service_endpoint
        (duty, target, window_start, window_end, endpoint, requests, errors, total_seconds, p95_low, p95_high)
    values ('slow_endpoints', %(name)s, %(start)s, %(end)s, 'GET /<i>{id}', 400, 4, 80, 0.25, 0.5)
    """,
    """
    insert into upkeep.deployment
        (service, deployment, version, started_at, finished_at, status, failed_at, failed_why, deployed_by, url)
    select
        %(name)s, 'd' || back, '<b>v' || back || '</b>', %(end)s::timestamptz - back * interval '1 day' - interval '1 h',
        %(end)s::timestamptz - back * interval '1 day', 'succeeded',
        case when back = 1 then %(end)s::timestamptz - back * interval '1 day' end,
        case when back = 1 then 'checkout <i>failed</i>' end, 'release robot', 'https://ci.example.com/' || back
    from generate_series(1, 25) as back
    """,
)
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
        for statement in BESIDE:
            session.execute(statement.encode(), {"name": HOSTILE, "end": midnight(), "start": midnight() - DAY})
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


def test_a_budget_that_is_used_up_and_the_last_deployment_stand_in_the_row(client: TestClient) -> None:
    html = client.get("/services").text
    assert '<span class="late">-20 %</span>' in html
    assert "availability, 30 d" in html
    assert "&lt;b&gt;v1&lt;/b&gt;, failed" in html


def test_deployments_are_marked_on_every_plot_and_listed(client: TestClient) -> None:
    html = client.get(f"/service?name={quote(HOSTILE)}").text
    assert [len(one["marks"]) for one in plotted(html)] == [26] * 5
    assert plotted(html)[0]["marks"][0]["tone"] == "high"
    assert "the newest 20, 5 more" in html
    assert "checkout &lt;i&gt;failed&lt;/i&gt;" in html
    assert "failed later" in html


def test_budgets_and_alerts_of_one_service(client: TestClient) -> None:
    html = client.get(f"/service?name={quote(HOSTILE)}").text
    assert "6,000 of 5,000,000" in html
    assert "1 page, 2 tickets" in html
    assert "14.4 times" in html


def test_anomalies_alerts_and_endpoints_of_one_service(client: TestClient) -> None:
    html = client.get(f"/service?name={quote(HOSTILE)}").text
    assert "requests &lt;i&gt;" in html
    assert "20.0 %" in html
    assert "ShopDown&lt;i&gt;" in html
    assert "by nobody" in html
    assert "GET /&lt;i&gt;{id}" in html
    assert "4 (1 %)" in html
    assert "250 ms to 500 ms" in html


def test_how_long_outages_would_have_gone_unseen_by_months(client: TestClient) -> None:
    html = client.get(f"/service?name={quote(HOSTILE)}").text
    section = html[html.index('id="detection"') :]
    section = section[: section.index("</section>")]
    assert 'class="late">12 min' in section, "12 minutes are more than 5"
    assert f"{midnight() - DAY:%B %Y}" in section
    assert 'id="detection"' not in client.get("/service?name=gateway").text, "no outage is no best value"
