"""Pages are found by walking; each may ask for an entry of the navigation."""

import re

import pytest
from fastapi.testclient import TestClient

from upkeep.ui.navigation import Entry, entries, page_modules
from upkeep.ui.render import _HERE


def test_every_module_of_pages_serves_something() -> None:
    files = {path.stem for path in (_HERE / "pages").glob("*.py")} - {"__init__"}
    assert {module.__name__.rsplit(".", 1)[-1] for module in page_modules()} == files, "a page needs a `router`"


def test_entries_stand_in_their_order_and_lead_somewhere(client: TestClient) -> None:
    html = client.get("/").text
    shown = re.findall(r'<nav aria-label="Upkeep">(.*?)</nav>', html, re.DOTALL)[0]
    assert re.findall(r">([^<>\n]+)</a>", shown) == [entry.label for entry in entries()]
    assert len({entry.place for entry in entries()}) == len(entries()), "two entries have one place: give another number"
    for entry in entries():
        assert client.get(f"/{entry.page}").status_code == 200, entry


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.label)
def test_each_is_marked_where_it_leads(client: TestClient, entry: Entry) -> None:
    html = client.get(f"/{entry.page}").text
    assert re.findall(r'aria-current="page">([^<]+)<', html) == [entry.label]


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.label)
def test_its_templates_exist(entry: Entry) -> None:
    for name in entry.templates:
        assert (_HERE / f"templates/{name}.html.j2").is_file(), f"NAVIGATION names the template {name}, which is not there"
