"""Decisions, certificates and dependencies in a real browser: whole, nothing cut, readable on a narrow window."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.lab import NOW, UTC_ZONE, Lab, fresh_reports
from tests.ui.browser import looked, served
from tests.ui.test_browser import CUT
from tests.ui.test_certificates_page import put, shown
from tests.ui.test_decisions_page import decide
from tests.ui.test_dependencies_page import put as put_faults
from tests.ui.test_dependencies_page import with_faults
from upkeep.checks.security.vulnerabilities import vulnerabilities
from upkeep.decisions.decision import Decision
from upkeep.sources.scratch import ScratchServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DEPENDENCIES = ("dependencies", "dependencies?target=shop", "package?ecosystem=PyPI&name=it")
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def filled(server: ScratchServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, dict[str, Decision]]]:
    with fresh_reports(server, "browser_filled") as lab:
        put(lab, "shop", shown(0, "shop.example.org", 12), shown(1, "A middle authority with a long name of its own", 900))
        put(lab, "old", shown(0, "old.example.org", -3))
        week = vulnerabilities.cadence.last_full(NOW, UTC_ZONE)
        put_faults(lab, with_faults(tmp_path_factory.mktemp("shop")).ask(week), window=week)
        yield lab, decide(lab)


@pytest.fixture(scope="module")
def site(filled: tuple[Lab, dict[str, Decision]]) -> Iterator[str]:
    with served(filled[0].endpoint) as address:
        yield address


@pytest.mark.parametrize("width", [390, 800, 1400])
def test_filled_pages_are_whole(filled: tuple[Lab, dict[str, Decision]], site: str, chromium: "Browser", width: int) -> None:
    decided = [f"decision?key={quote(one.key, safe='')}" for one in filled[1].values()]
    with looked(chromium, "light", width=width) as seen:
        for page in ["decisions", "decisions?state=open", "certificates", *DEPENDENCIES, *decided]:
            answer = seen.page.goto(site + page)
            assert answer
            assert answer.status == 200, page
            assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page} is wider than {width} px"
            assert not seen.page.evaluate(CUT), page
        assert not seen.complaints
