"""Every page over a real report database: what it says, hostile names, unknown ids, the first day, a database that is away."""

import html
import json
import re
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.lab import Lab
from tests.ui.conftest import HOSTILE
from upkeep.reports.run import build, publish
from upkeep.sources.postgres import Endpoint
from upkeep.store.migrate import migrate
from upkeep.store.quality_result import QualityResult
from upkeep.ui.app import create_app
from upkeep.window import Cadence, Window

PAGES = """
    /findings /findings?state=red /findings?state=resolved&sort=resolved /findings?state=waived /findings?state=overdue&sort=due
    /findings?severity=high&owner=database-on-call&area=database&text=orders&sort=found /answers /answers?state=red&area=security
    /answers?tag=eu&owner=platform-lead&text=bill /target?name=shop /target?name=shop&days=365 /reports /reports?cadence=weekly
    /target?name=shop&metric=growth_measured /duty?name=sequences /duty?name=bloat&state=breach&text=shop /area?name=database
    /catalogue /backups /backups?days=365 /backups?target=shop /
""".split()  # noqa: SIM905 - a page a word


def run_of(past: Lab, cadence: str = "daily") -> str:
    """The query of the newest run's page."""
    run_id = past.value(f"select run_id from upkeep.latest_run where cadence = '{cadence}'")
    return f"run?dag_id={cadence}&run_id={quote(run_id)}"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_answers_and_is_whole(client: TestClient, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    assert answer.text.rstrip().endswith("</html>")
    assert "<script>alert" not in answer.text
    assert not re.search(r'\sstyle="', answer.text), "the policy forbids inline styles"


def test_the_overview_counts_what_the_database_holds(client: TestClient, past: Lab) -> None:
    red = past.value("select count(*) from upkeep.findings_as_of(clock_timestamp()) where red")
    text = client.get("/").text
    assert red > 0
    assert f"<b>{red}</b><span>red</span>" in text
    assert "Accepted for a time" in text
    assert "needs pg_monitor" in text or "the server does not answer" in text or "statistics were reset" in text


def test_findings_now_say_what_the_views_say(past: Lab) -> None:
    differing = past.value("""
        select count(*)
        from upkeep.findings_as_of(clock_timestamp()) as slow
        full join (select * from upkeep.findings_now(clock_timestamp()) where resolved_at is null) as quick
            using (fingerprint)
        where (slow.first_seen, slow.found_at, slow.last_seen, slow.red, slow.due_at, slow.overdue, slow.waived, slow.severity)
        is distinct from (
            quick.first_seen, quick.found_at, quick.window_end,
            quick.red, quick.due_at, quick.overdue, quick.waived, quick.severity
        )
    """)
    assert differing == 0


def test_filters_narrow_and_the_pages_of_a_list_hold_all_of_it(client: TestClient, past: Lab) -> None:
    every = past.value(
        "select count(*) from upkeep.findings_now(clock_timestamp()) where resolved_at is null and active and not waived"
    )
    text = client.get("/findings").text
    assert text.count('<tr id="f-') == min(every, 50)
    critical = client.get("/findings?severity=critical").text
    assert 0 < critical.count('data-letter="C"') == critical.count('<tr id="f-')
    assert "No finding is like this" in client.get("/findings?text=no-such-object").text
    assert "shorter than that" in client.get("/findings?page=99").text


def test_every_finding_links_to_the_task_instance_that_made_it(client: TestClient) -> None:
    links = re.findall(r'href="(\.\./dags/[^"]+)" target="_top">task', client.get("/findings").text)
    assert links
    for link in links:
        assert re.fullmatch(r"\.\./dags/\w+/runs/scheduled__[\w.%-]+/tasks/\w+\.\w+/mapped/\d+", link)


def test_hostile_names_are_shown_as_text_and_their_links_lead_back(client: TestClient) -> None:
    shown = client.get("/findings?state=red").text
    assert "<script>alert(1)" not in shown
    assert html.escape(HOSTILE).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in shown
    (link,) = set(re.findall(r'href="(target\?name=o[^"]+)"', shown))
    page = client.get("/" + html.unescape(link))
    assert page.status_code == 200
    assert "javascript:" not in page.text


def test_a_metric_that_is_no_number_is_a_gap(client: TestClient, past: Lab) -> None:
    past.run(
        "update upkeep.metric set value = 'NaN' where ctid in (select min(ctid) from upkeep.metric where target = 'billing')"
    )
    for block in re.findall(r'<script type="application/json">(.*?)</script>', client.get("/target?name=billing").text):
        json.loads(block, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("target?name=shopp", "target?name=shop"),
        ("duty?name=sequence", "duty?name=sequences"),
        ("area?name=databse", "area?name=database"),
        ("report?cadence=daily&start=2001-01-01T00:00Z&end=2001-01-02T00:00Z", "reports?cadence=daily"),
        ("nothing/here", "To the overview"),
        ("static/../app.py", "No such"),
    ],
)
def test_what_is_not_there_is_404_with_a_way_on(client: TestClient, page: str, message: str) -> None:
    answer = client.get("/" + page)
    assert answer.status_code == 404
    assert message in answer.text


@pytest.mark.parametrize(
    "page", ["findings?page=x", "findings?state=odd", "target", "target?name=shop&days=0", "report?cadence=daily&start=x&end=y"]
)
def test_an_address_that_cannot_be_read_is_400_in_words(client: TestClient, page: str) -> None:
    answer = client.get("/" + page)
    assert answer.status_code == 400
    assert "cannot be read" in answer.text


def test_the_page_of_a_run_tells_what_it_found(client: TestClient, past: Lab) -> None:
    text = client.get("/" + run_of(past)).text
    assert "every expectation" in text
    assert "took <b>20 min" in text
    assert "data-live" not in text
    assert 'target="_top">task' in text


def test_a_run_under_way_shows_progress_and_looks_again(client: TestClient, past: Lab) -> None:
    past.run("update upkeep.run set finished_at = null, started_at = window_end + interval '6 minutes' where cadence = 'weekly'")
    text = client.get("/" + run_of(past, "weekly")).text
    assert 'data-live="5"' in text
    assert "questions answered by this run" in text
    past.run("update upkeep.run set finished_at = started_at + interval '20 minutes' where cadence = 'weekly'")


def test_a_window_that_a_newer_run_answered_says_so_and_links_to_it(client: TestClient, past: Lab) -> None:
    old = run_of(past, "monthly")
    past.run(
        """
        update upkeep.run
        set run_id = 'manual__again'
        where cadence = 'monthly'
        and window_end = (select window_end from upkeep.latest_run where cadence = 'monthly')
    """
    )
    text = client.get("/" + old).text
    assert "A newer run has answered" in text
    assert "../dags/monthly/runs/manual__again/plugin/upkeep_run" in text


def test_a_past_window_points_at_the_newest(client: TestClient, past: Lab) -> None:
    run_id = past.value("select run_id from upkeep.run where cadence = 'daily' order by window_end limit 1")
    assert "This window is past" in client.get(f"/run?dag_id=daily&run_id={quote(run_id)}").text


def test_runs_that_are_not_there_say_why(client: TestClient) -> None:
    assert "has not begun" in client.get("/run?dag_id=daily&run_id=manual__x").text
    assert "Not a run of Upkeep" in client.get("/run?dag_id=example&run_id=manual__x").text


def test_a_report_is_rendered_and_its_html_is_text(client: TestClient, past: Lab) -> None:
    past.run(
        "update upkeep.report set markdown = markdown || E'\\n<script>alert(1)</script> [x](javascript:alert(1)) [y](https://example.com)'"
    )
    row = past.value("select window_start || ' ' || window_end from upkeep.latest_run where cadence = 'daily'").split()
    start, end = (f"{row[i]}T{row[i + 1]}" for i in (0, 2))
    text = client.get("/report", params={"cadence": "daily", "start": start + ":00", "end": end + ":00"}).text
    assert "<table>" in text
    assert "&lt;script&gt;alert(1)" in text
    assert 'href="javascript' not in text
    assert 'href="https://example.com"' in text


def test_static_files_are_kept_by_browsers(client: TestClient) -> None:
    (address,) = re.findall(r'href="(static/upkeep\.css\?v=\w+)"', client.get("/").text)
    first = client.get("/" + address)
    assert "immutable" in first.headers["cache-control"]
    again = client.get("/" + address, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content
    assert "no-cache" in client.get("/static/upkeep.css").headers["cache-control"]


def test_every_answer_forbids_what_the_pages_do_not_need(client: TestClient) -> None:
    for page in ("", "nothing", "static/upkeep.js"):
        headers = client.get("/" + page).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_nothing_can_be_written(client: TestClient) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert client.request(method, "/findings").status_code == 405
    for page in ("docs", "redoc", "openapi.json"):
        assert client.get("/" + page).status_code == 404


def test_the_session_is_read_only(past: Lab) -> None:
    import psycopg

    from upkeep.ui.database import Reader

    reader = Reader(lambda: past.endpoint)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), reader.snapshot() as rows:
        rows._connection.execute("delete from upkeep.target")  # noqa: SLF001 - the point of the test


def test_a_guard_that_refuses_keeps_everything_back(past: Lab) -> None:
    from fastapi import Depends, HTTPException

    def refuse() -> None:
        raise HTTPException(401)

    guarded = TestClient(create_app(lambda: past.endpoint, [Depends(refuse)]))
    for page in [*PAGES, "/static/upkeep.css", "/" + run_of(past)]:
        answer = guarded.get(page)
        assert answer.status_code == 401, page
        assert "shop" not in answer.text
    assert "Log in first" in guarded.get("/").text


def test_the_first_day_says_what_to_do(lab: Lab) -> None:
    migrate(lab.endpoint)
    first = TestClient(create_app(lambda: lab.endpoint, []))
    assert "Nothing has been asked yet" in first.get("/").text
    for page in ("findings", "answers", "reports", "catalogue", "duty?name=sequences"):
        assert first.get("/" + page).status_code == 200, page


def test_a_database_that_was_never_set_up_names_the_command(lab: Lab) -> None:
    answer = TestClient(create_app(lambda: lab.endpoint, [])).get("/")
    assert answer.status_code == 503
    assert "upkeep migrate" in answer.text
    assert "Traceback" not in answer.text


def test_a_database_that_is_away_is_said_in_words() -> None:
    away = Endpoint("127.0.0.1", 1, "nobody", "hidden-word", "none")
    answer = TestClient(create_app(lambda: away, [])).get("/")
    assert answer.status_code == 503
    assert "The report database is away" in answer.text
    assert "hidden-word" not in answer.text


def test_a_connection_that_was_cut_is_replaced(lab: Lab) -> None:
    migrate(lab.endpoint)
    pages = TestClient(create_app(lambda: lab.endpoint, []))
    assert pages.get("/").status_code == 200
    lab.run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'upkeep pages'")
    assert pages.get("/").status_code == 200


def test_a_real_report_and_its_verdict_are_shown(client: TestClient, past: Lab) -> None:
    start, end = past.value("select array[window_start, window_end] from upkeep.latest_run where cadence = 'daily'")
    with past.endpoint.connect("report") as connection:
        report = build(
            connection,
            Cadence.DAILY,
            Window(start, end),
            QualityResult(expectations=7, failures=("2 answers have no metric",)),
        )
        publish(connection, report)
    text = client.get("/" + run_of(past)).text
    assert "1 expectation about the rows of this window was not met" in text
    assert "2 answers have no metric" in text
    assert f"<b>{len(report.new)}</b><span>new" in text
    page = client.get("/report", params={"cadence": "daily", "start": start.isoformat(), "end": end.isoformat()})
    assert report.title in page.text
