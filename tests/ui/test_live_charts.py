"""Drawings and plots answer in a real browser, by pointer and by keys, within the policy of the pages."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.lab import Lab, fresh_reports
from tests.reports.charts import chart
from tests.service_world import DAY, day_of, put_day
from tests.ui.browser import looked, served
from upkeep.reports.report import Report
from upkeep.reports.rows import render
from upkeep.reports.section import Section
from upkeep.signals.minutes import Minute
from upkeep.sources.scratch import ScratchServer
from upkeep.store.documents import Document, save_document
from upkeep.window import Window

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
END = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
WINDOW = Window(END - 7 * DAY, END)
DRAWING = chart(10.0, None, 30.0)


@pytest.fixture(scope="module")
def site(server: ScratchServer) -> Iterator[str]:
    """A report with a drawing, and a service with a week."""
    with fresh_reports(server, "live_charts") as lab:
        keep(lab)
        with served(lab.endpoint) as address:
            yield address


def keep(lab: Lab) -> None:
    section = Section(title="Costs", text="up", charts=(DRAWING,))
    report = Report(title="Costs", headline="up", sections=(section,))
    text = render("report", report=report, limit=5)
    content = {"sections": [{"charts": [asdict(DRAWING)]}]}
    session = lab.session()
    for back in range(7):
        put_day(session, "web", END - back * DAY, day_of(END - back * DAY, [Minute(100 + back, 1, 2, 0, 3)]))
    save_document(session, Document(cadence="weekly", window=WINDOW, name="run", title="Costs", markdown=text, content=content))


def address(site: str) -> str:
    return f"{site}report?{urlencode({'cadence': 'weekly', 'start': WINDOW.start.isoformat(), 'end': WINDOW.end.isoformat()})}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_drawing_says_the_values_under_the_pointer(site: str, chromium: "Browser", theme: str) -> None:
    with looked(chromium, theme) as seen:
        seen.page.goto(address(site))
        seen.page.locator(".chart .place").nth(1).hover()
        assert seen.page.inner_text("output.said") == "week 1: storage: unknown; credits: -1 EUR a week"
        assert not seen.complaints


def test_a_drawing_is_read_by_keys_from_the_newest_on(site: str, chromium: "Browser") -> None:
    with looked(chromium, "light") as seen:
        seen.page.goto(address(site))
        assert "arrow keys" in seen.page.inner_text("output.said")
        seen.page.locator("svg.chart").focus()
        assert seen.page.inner_text("output.said").startswith("week 2: storage: 30 EUR")
        for key, place in (("ArrowLeft", 1), ("ArrowLeft", 0), ("ArrowLeft", 0), ("End", 2), ("ArrowRight", 2), ("Home", 0)):
            seen.page.keyboard.press(key)
            assert seen.page.inner_text("output.said").startswith(f"week {place}:"), key
        assert seen.page.locator(".place.on").count() == 1
        assert not seen.complaints


def test_plots_of_a_service_are_read_by_keys(site: str, chromium: "Browser") -> None:
    with looked(chromium, "light") as seen:
        seen.page.goto(f"{site}service?name=web&days=30")
        plot = seen.page.locator("figure[data-plot]").first
        plot.focus()
        seen.page.keyboard.press("End")
        plot.locator(".u-legend", has_text="144,000").wait_for()
        seen.page.keyboard.press("ArrowLeft")
        plot.locator(".u-legend", has_text="145,440").wait_for()
        assert not seen.complaints


def test_a_point_of_a_plot_leads_to_the_answer_of_its_window(site: str, chromium: "Browser") -> None:
    day = f"{END - 2 * DAY:%-d %b %Y}"
    with looked(chromium, "light") as seen:
        seen.page.goto(f"{site}service?name=web&days=30")
        plot = seen.page.locator("figure[data-plot]").first
        assert "its rows" in plot.inner_text()
        plot.focus()
        seen.page.keyboard.press("End")
        seen.page.keyboard.press("ArrowLeft")
        plot.locator("a.lead", has_text=f"{day}: its rows").wait_for()
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**/answer?duty=golden_signals&target=web&at=*")
        assert seen.page.inner_text("h1") == day
        assert not seen.complaints


def test_a_click_follows_and_a_press_that_moves_does_not(site: str, chromium: "Browser") -> None:
    with looked(chromium, "light") as seen:
        seen.page.goto(f"{site}service?name=web&days=30")
        over = seen.page.locator("figure[data-plot] .u-over").first
        box = over.bounding_box()
        assert box
        seen.page.mouse.move(box["x"] + 40, box["y"] + 40)
        seen.page.mouse.down()
        seen.page.mouse.move(box["x"] + 140, box["y"] + 40, steps=4)
        seen.page.mouse.up()
        assert "/service?" in seen.page.url
        over.click(position={"x": box["width"] - 1, "y": 30})
        seen.page.wait_for_url("**/answer?*")
        assert not seen.complaints


def test_the_trend_of_the_scorecard_comes_after_its_numbers(site: str, chromium: "Browser") -> None:
    with looked(chromium, "light") as seen:
        seen.page.goto(f"{site}scorecard?cadence=daily")
        seen.page.wait_for_selector("svg.spark, td:has-text('none known')")
        assert "of 13 windows" in seen.page.content()
        assert seen.page.locator("[data-then]").count() == 0, "it is asked for once"
        assert not seen.complaints
