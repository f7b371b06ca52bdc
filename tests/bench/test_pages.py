"""The bench of pages measures every page that there is."""

from urllib.parse import urlsplit

from bench.pages import PAGES
from upkeep.ui.navigation import page_modules


def test_every_page_is_measured() -> None:
    served = {route.path for module in page_modules() for route in module.router.routes}
    measured = {urlsplit(page).path for page in PAGES}
    assert served - measured == set(), "name the new page in PAGES of bench/pages.py"
    assert measured - served == {"/static/upkeep.css"}, "a page of the bench is no longer there"
