"""Pages at the widths people have: whole rows of tiles, remedies in full, headings to jump to, one point plotted as one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from starlette.testclient import TestClient

from tests.lab import Lab
from tests.ui.browser import looked, served
from upkeep.reports.run import build, publish
from upkeep.store.answers import connected
from upkeep.store.quality_result import QualityResult
from upkeep.ui.app import create_app
from upkeep.ui.render import document
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROWS = """(() => {
  const tiles = [...document.querySelectorAll('.tiles:not(.many) .tile')];
  return [...new Set(tiles.map((tile) => tile.offsetTop))].map((top) => tiles.filter((tile) => tile.offsetTop === top).length);
})()"""
BEYOND = """[...document.querySelectorAll('.paste code, .document td code')].filter((code) => {
  const box = code.getBoundingClientRect();
  return box.right > innerWidth || code.scrollWidth > code.clientWidth + 1 && getComputedStyle(code).display !== "inline";
}).length"""
CUT = "[...document.querySelectorAll('.document table')].filter((table) => table.scrollWidth > table.clientWidth + 1).length"


@pytest.fixture(scope="module")
def reported(past: Lab) -> str:
    """The address of a stored report."""
    with connected(past.endpoint) as connection:
        row = connection.execute("select window_start, window_end from upkeep.latest_run where cadence = 'weekly'").fetchone()
        assert row
        publish(connection, build(connection, Cadence.WEEKLY, Window(*row), QualityResult(3)))
        return "report?" + urlencode({"cadence": "weekly", "start": row[0].isoformat(), "end": row[1].isoformat()})


@pytest.fixture(scope="module")
def site(past: Lab) -> Iterator[str]:
    with served(past.endpoint) as address:
        yield address


def at(page: "Page", address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 800, 1000, 1400])
def test_rows_of_tiles_are_whole(site: str, chromium: "Browser", past: Lab, width: int) -> None:
    run_id = past.value("select run_id from upkeep.latest_run where cadence = 'daily'")
    with looked(chromium, "light", width=width) as seen:
        for page in ("", f"run?dag_id=daily&run_id={quote(run_id)}"):
            at(seen.page, site + page)
            assert len(set(seen.page.evaluate(ROWS))) == 1 or seen.page.evaluate(ROWS) == [3, 2], page
        assert seen.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [800, 1400])
def test_no_remedy_is_cut(site: str, chromium: "Browser", reported: str, width: int) -> None:
    with looked(chromium, "light", width=width) as seen:
        for page in ("", "findings", "target?name=shop", "duty?name=bloat", reported):
            at(seen.page, site + page)
            assert seen.page.evaluate(BEYOND) == 0, page
            assert seen.page.evaluate(CUT) == 0, page
        assert seen.complaints == [], "alignment goes by class: the policy forbids inline styles"


@pytest.mark.browser
def test_a_report_uses_the_width_and_its_headings_can_be_jumped_to(site: str, chromium: "Browser", reported: str) -> None:
    with looked(chromium, "light", width=1400) as seen:
        at(seen.page, site + reported)
        assert seen.page.evaluate("document.querySelector('.document').clientWidth") > 1200
        seen.page.click("nav.contents a:last-child")
        assert seen.page.evaluate("document.querySelector(location.hash).tagName") == "H2"


@pytest.mark.browser
def test_one_point_has_one_mark_and_years_are_told_where_needed(site: str, chromium: "Browser") -> None:
    with looked(chromium, "light", width=1400) as seen:
        at(seen.page, site + "target?name=shop&days=30")
        marks = """(x) => {
            const figure = document.querySelector("figure[data-plot]");
            const data = { unit: "count", x, series: [{ label: "a", values: x.map(() => 3) }] };
            figure.querySelector("script").textContent = JSON.stringify(data);
            const said = [];
            const old = CanvasRenderingContext2D.prototype.fillText;
            CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
                said.push(text);
                return old.call(this, text, ...rest);
            };
            document.dispatchEvent(new Event("themechange"));
            return new Promise((done) => setTimeout(() => done(said.filter((text) => / [A-Z]/.test(text))), 300));
        }"""
        one = seen.page.evaluate(marks, [1746057600])
        assert one[:1] == ["1 May 2025"]
        assert one.count("1 May 2025") == 1
        several = seen.page.evaluate(marks, [1746057600 + day * 86400 for day in range(400)])
        assert len(several) > 2
        assert any("2025" in text for text in several)
        assert len({*several}) >= 3


def test_headings_of_the_second_level_are_anchors() -> None:
    text, contents = document("# One\n\n## A & b\n\n| a | n |\n|---|---:|\n| x | 1 |\n\n## C\n")
    assert contents == [("part-1", "A & b"), ("part-2", "C")]
    assert '<h2 id="part-1">A &amp; b</h2>' in text
    assert '<td class="num">1</td>' in text
    assert "style=" not in text


@pytest.mark.parametrize(
    ("page", "near"),
    [
        ("duty?name=sequense", ["sequences"]),
        ("duty?name=queries", ["slow_queries"]),
        ("duty?name=bloot", ["bloat"]),
        ("duty?name=zzz", []),
        ("duty?name=payroll_taxes", []),
        ("target?name=shpo", ["shop"]),
        ("target?name=warehouse", []),
        ("area?name=securty", ["security"]),
        ("area?name=finance", []),
        ("backups?target=biling", ["billing"]),
        ("backups?target=unheard_of", []),
    ],
)
def test_what_is_not_there_suggests_a_likely_name_or_none(client: TestClient, page: str, near: list[str]) -> None:
    answer = client.get("/" + page)
    assert answer.status_code == 404
    assert ("Perhaps you mean" in answer.text) is bool(near)
    assert [f">{name}</a></li>" in answer.text for name in near] == [True] * len(near)
    assert answer.text.count("</a></li>") == len(near)


def test_a_target_folds_what_is_fine(client: TestClient) -> None:
    text = client.get("/target?name=shop").text
    assert '<details class="area" id="area-database"' in text
    assert '<details id="measured">' in text
    assert '<details id="measured" open>' in client.get("/target?name=shop&days=7").text
    ok = client.get("/target?name=payments").text
    assert "answers ok" in ok


def test_one_of_a_thing_is_told_as_one(lab: Lab) -> None:
    from tests.reports.world import build_world

    build_world(lab.endpoint)
    lab.run("delete from upkeep.target where name <> 'shop'")
    lab.run("delete from upkeep.duty where name <> 'sequences'")
    text = TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/").get("/").text
    assert "<b>1</b> target</span>" in text
    assert "<b>1</b> duty</span>" in text


DECISION = """
    insert into upkeep.decision (
        key, kind, duty, target, window_start, window_end, run, subject, question, digest, needed, due_days, status, outcome,
        opened_at, due_at, closed_at, dag_id, run_id, task_id
    )
    select
        'k', 'approval', 'restore', 'shop', now(), now() + interval '1 day', %(status)s, 'Restore shop into copy', '{}',
        repeat('a', 64), 1, 1, told.status, case when told.status = 'answered' then 'Reject' end, now(),
        now() + interval '1 day', case when told.status <> 'open' then now() end, 'restore', 'r', 'approve'
    from (select case when %(status)s = 'Reject' then 'answered' else %(status)s end as status) as told
"""


@pytest.mark.parametrize(
    ("status", "message"),
    [("none", "Nothing to approve yet"), ("open", "waits for an approval"), ("Reject", "was rejected"), ("missed", "was missed")],
)
def test_the_tab_of_a_restore_says_what_it_waits_for(lab: Lab, status: str, message: str) -> None:
    from upkeep.store.migrate import migrate

    migrate(lab.endpoint)
    if status != "none":
        with lab.session() as connection:
            connection.execute(DECISION.encode(), {"status": status})
    pages = TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/")
    text = pages.get(f"run?dag_id=restore&run_id={status}").text
    assert message in text
    assert ("data-live" in text) is (status in {"none", "open"})
    assert "../dags/restore/runs/" in text
