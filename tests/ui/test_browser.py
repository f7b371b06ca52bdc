"""The pages in a real browser: whole in light and dark and on a phone, nothing in the console, plots drawn, copying works."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.lab import Lab
from tests.ui.browser import looked, served
from upkeep.ui.navigation import entries

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
PAGES = [
    "",
    "findings",
    "answers",
    "target?name=shop",
    "duty?name=sequences",
    "area?name=database",
    "reports",
    "backups",
    "catalogue",
]


@pytest.fixture(scope="module")
def site(past: Lab) -> Iterator[str]:
    """The pages under a path of somebody's proxy."""
    with served(past.endpoint, "/some/base/upkeep") as address:
        yield address


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1000, 1600])
def test_every_page_is_whole(site: str, chromium: "Browser", theme: str, width: int) -> None:
    with looked(chromium, theme, width=width) as seen:
        for page in PAGES:
            seen.page.goto(site + page)
            assert seen.page.locator("html").get_attribute("data-theme") == theme
            assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page} is wider than {width} px"
        assert not seen.complaints


@pytest.mark.parametrize("width", [800, 1400])
def test_no_text_is_cut_and_no_table_of_rows_runs_out_of_its_panel(site: str, chromium: "Browser", width: int) -> None:
    with looked(chromium, "light", width=width) as seen:
        for page in PAGES:
            seen.page.goto(site + page)
            assert not seen.page.evaluate(CUT), page


def test_a_window_that_is_no_whole_day_fits_beside_the_rest(past: Lab, site: str, chromium: "Browser") -> None:
    by = "interval '11 h 25 min'"
    moved = f"update upkeep.run set window_start = window_start {{0}} {by}, window_end = window_end {{0}} {by}"
    past.run(f"{moved.format('-')} where cadence = 'weekly'")
    try:
        for width in (800, 1400):
            with looked(chromium, "light", width=width) as seen:
                seen.page.goto(site)
                assert "12:35" in seen.page.inner_text("body")
                assert not seen.page.evaluate(CUT), width
    finally:
        past.run(f"{moved.format('+')} where cadence = 'weekly'")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out(site: str, chromium: "Browser", theme: str) -> None:
    with looked(chromium, theme) as seen:
        seen.page.goto(site)
        pairs = seen.page.evaluate(_CONTRASTS)
        faint = {name: round(ratio, 2) for name, ratio in pairs.items() if ratio < 4.5}
        assert pairs
        assert not faint


def test_plots_are_drawn_and_follow_the_theme(site: str, chromium: "Browser") -> None:
    with looked(chromium, "light") as seen:
        seen.page.goto(site + "target?name=shop")
        plots = seen.page.locator("figure[data-plot]")
        assert plots.count() == seen.page.locator("figure canvas").count() > 0
        seen.page.emulate_media(color_scheme="dark")
        seen.page.locator("html[data-theme=dark]").wait_for()
        assert plots.count() == seen.page.locator("figure canvas").count()
        assert not seen.complaints


def test_a_remedy_can_be_copied(site: str, chromium: "Browser") -> None:
    with looked(chromium, "light") as seen:
        seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        seen.page.goto(site + "findings")
        button = seen.page.locator("button[data-copy]").first
        remedy = button.get_attribute("data-copy")
        button.click()
        seen.page.get_by_text("copied").wait_for()
        assert seen.page.evaluate("navigator.clipboard.readText()") == remedy


def test_a_filter_is_an_address_without_empty_words(site: str, chromium: "Browser") -> None:
    with looked(chromium, "light") as seen:
        seen.page.goto(site + "findings")
        seen.page.select_option("select[name=severity]", "critical")
        seen.page.wait_for_url(site + "findings?severity=critical")


def test_a_run_under_way_follows_by_itself(site: str, chromium: "Browser", past: Lab) -> None:
    run_id = past.value("select run_id from upkeep.latest_run where cadence = 'quarterly'")
    past.run("update upkeep.run set finished_at = null where cadence = 'quarterly'")
    with looked(chromium, "light") as seen:
        seen.page.goto(f"{site}run?dag_id=quarterly&run_id={run_id.replace('+', '%2B')}")
        seen.page.get_by_text("under way").wait_for()
        past.run("update upkeep.run set finished_at = started_at + interval '20 minutes' where cadence = 'quarterly'")
        seen.page.get_by_text("under way").wait_for(state="detached", timeout=15_000)
        assert not seen.complaints


def test_the_keyboard_is_enough(site: str, chromium: "Browser") -> None:
    with looked(chromium, "light") as seen:
        seen.page.goto(site)
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.className").startswith("skip")
        seen.page.keyboard.press("Tab")
        seen.page.keyboard.press("Tab")
        outline = seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url(site + entries()[1].page)


# The contrast of the text colours with their backgrounds, by the formula of WCAG 2.2 (relative luminance). A canvas turns any
# notation of a colour into numbers.
# What is hidden on purpose is left out: .unseen, heads of tables that are cards, names beside the matrix (it is to be scrolled).
CUT = """
() => [...document.querySelectorAll("body *")].filter((one) => {
  const style = getComputedStyle(one);
  const left = one.closest(".unseen, table.cards thead, .skip, .u-wrap, .site, .matrix tbody th");
  if (left || !one.innerText || !one.clientWidth) return false;
  const hides = ["hidden", "auto", "scroll"].includes(style.overflowX) && !one.querySelector("table.matrix");
  const tooWide = one.scrollWidth > one.clientWidth + 1;
  const tooHigh = style.overflowY === "hidden" && one.scrollHeight > one.clientHeight + 1;
  return hides && (tooWide || tooHigh);
}).map((one) => one.tagName + "." + one.className + ": " + one.innerText.slice(0, 80))
"""
_CONTRASTS = """() => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const style = getComputedStyle(document.documentElement);
    const light = (name) => {
        pen.fillStyle = style.getPropertyValue(name);
        pen.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => {
            const share = part / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const pairs = [
        ["--text", "--page"], ["--text", "--panel"], ["--text", "--hover"], ["--muted", "--page"], ["--muted", "--panel"],
        ["--link", "--page"], ["--link", "--panel"], ["--ok", "--ok-soft"], ["--high", "--page"], ["--high", "--high-soft"],
        ["--on-strong", "--critical"], ["--on-strong", "--high"], ["--on-strong", "--medium"], ["--on-strong", "--low"],
        ["--unknown", "--unknown-soft"], ["--medium", "--medium-soft"],
    ];
    return Object.fromEntries(pairs.map(([text, back]) => {
        const [high, low] = [light(text), light(back)].sort((a, b) => b - a);
        return [`${text} on ${back}`, (high + 0.05) / (low + 0.05)];
    }));
}"""
