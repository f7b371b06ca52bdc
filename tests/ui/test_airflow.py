"""The pages inside a real Airflow: login, permissions, the entry in the navigation, the tab of a run, links out of the frame."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.lab import Lab
from tests.ui.airflow_server import PASSWORD, Airflow, airflow_server
from tests.ui.browser import Looked, looked

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
RUN = "manual__2026-11-01T06:00:00+00:00~ui"
_NEWEST = "select max(window_end) from upkeep.run where cadence = 'daily'"
PAGES = ["", "findings", "answers", "target?name=shop", "duty?name=sequences", "area?name=database", "reports", "catalogue"]


@pytest.fixture(scope="module")
def airflow(past: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    past.run(f"update upkeep.run set run_id = '{RUN}' where cadence = 'daily' and window_end = ({_NEWEST})")
    with airflow_server(tmp_path_factory.mktemp("airflow"), past.endpoint, RUN) as started:
        yield started


def test_without_a_login_nothing_is_shown(airflow: Airflow) -> None:
    for page in [*PAGES, "run?dag_id=daily&run_id=x", "static/upkeep.css"]:
        answer = airflow.get(f"upkeep/{page}")
        assert answer.status_code == 401, page
        assert "overdue" not in answer.text


def test_a_forged_login_is_refused(airflow: Airflow) -> None:
    assert airflow.get("upkeep/", "no-token-of-airflow").status_code == 403


@pytest.mark.parametrize("user", ["ada", "vera"])
def test_whoever_may_read_runs_may_read_the_pages(airflow: Airflow, user: str) -> None:
    token = airflow.token(user)
    for page in PAGES:
        assert airflow.get(f"upkeep/{page}", token).status_code == 200, page


@pytest.mark.browser
@pytest.mark.parametrize(("user", "theme"), [("ada", "light"), ("vera", "dark")])
def test_the_navigation_leads_to_the_page_in_airflows_theme(airflow: Airflow, chromium: "Browser", user: str, theme: str) -> None:
    with _signed_in(airflow, chromium, user, theme) as seen:
        seen.page.goto(f"{airflow.url}/")
        seen.page.locator("a[href$='plugin/upkeep']").first.click(timeout=60_000)
        frame = seen.page.frame_locator("iframe[title=Upkeep]")
        frame.locator("h1").wait_for(timeout=60_000)
        assert "red" in frame.locator("h1").inner_text()
        assert frame.locator("html").get_attribute("data-theme") == theme
        assert not seen.complaints


@pytest.mark.browser
def test_a_finding_leads_out_of_the_frame_to_its_task_instance(airflow: Airflow, chromium: "Browser") -> None:
    with _signed_in(airflow, chromium, "vera", "light") as seen:
        seen.page.goto(f"{airflow.url}/plugin/upkeep")
        # The address follows the frame once it is loaded; a click before that would race with it.
        seen.page.wait_for_url(re.compile(r"/plugin/upkeep/upkeep/"), timeout=60_000)
        frame = seen.page.frame_locator("iframe[title=Upkeep]")
        frame.get_by_role("link", name="task", exact=True).first.click(timeout=60_000)
        seen.page.wait_for_url(re.compile(r"/dags/\w+/runs/scheduled__[^/]+/tasks/\w+\.\w+/mapped/\d+"), timeout=60_000)


@pytest.mark.browser
def test_a_run_has_its_tab(airflow: Airflow, chromium: "Browser") -> None:
    with _signed_in(airflow, chromium, "vera", "light") as seen:
        seen.page.goto(f"{airflow.url}/dags/daily/runs/{quote(airflow.run_id)}")
        seen.page.locator("a[href$='plugin/upkeep_run']").first.click(timeout=60_000)
        frame = seen.page.frame_locator("iframe[title=Upkeep]")
        frame.get_by_text("Findings, worst first").wait_for(timeout=60_000)
        assert "Daily" in frame.locator("h1").inner_text()
        assert not seen.complaints


def _signed_in(airflow: Airflow, chromium: "Browser", user: str, theme: str) -> "Looked":
    seen = looked(chromium, theme, ours="/upkeep/")
    _sign_in(seen.page, airflow, user)
    seen.page.evaluate("theme => localStorage.setItem('theme', theme)", theme)
    return seen


def _sign_in(page: "Page", airflow: Airflow, user: str) -> None:
    page.goto(f"{airflow.url}/login", timeout=60_000)
    page.locator("input[name=username]").fill(user, timeout=60_000)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("a[href$='plugin/upkeep']").first.wait_for(timeout=60_000)
