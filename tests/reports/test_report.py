"""Reports and sections are found by walking, and rendered so that nothing in them can be Markdown."""

from pathlib import Path

import pytest

from tests.lab import Lab
from tests.reports.world import build_world, window
from upkeep.reports import report as reports
from upkeep.reports import section as sections
from upkeep.reports.report import Report, ReportMaker, publish_reports, report, report_makers
from upkeep.reports.rows import render
from upkeep.reports.section import Section, section, section_makers, sections_of
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

LINES = (("x | <b>`y`", "1"), ("z", "2"), ("u", "3"))
ODD = Section(title="A *title*", text="a | b\n## no heading", columns=("name", "count:"), rows=LINES)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two reports and two sections of the tests instead of the project's own."""

    @report(Cadence.DAILY)
    def spoken(_: Rows, about: Window) -> Report | None:
        return Report(title=f"Odd of {about.start:%d}", headline="three", sections=(ODD,))

    @report(Cadence.DAILY)
    def silent(_: Rows, __: Window) -> Report | None:
        return None

    @section(Cadence.WEEKLY)
    def weekly(_: Rows, __: Window) -> Section | None:
        return ODD

    @section()
    def always(_: Rows, __: Window) -> Section | None:
        return None

    monkeypatch.setattr(reports, "report_makers", lambda: (spoken, silent))
    monkeypatch.setattr(sections, "section_makers", lambda: (always, weekly))


def test_those_of_the_project_are_called_as_their_files() -> None:
    for folder, makers in (("documents", report_makers()), ("sections", section_makers())):
        files = {path.stem for path in (Path(reports.__file__).parent / folder).glob("*.py")} - {"__init__"}
        assert sorted(maker.name for maker in makers) == sorted(files), f"each file of {folder}/ makes one"
        assert {maker.make.__name__ for maker in makers} == files, "the function is called as its file"


@pytest.mark.usefixtures("alone")
def test_each_is_kept_as_a_document_of_its_window(lab: Lab) -> None:
    build_world(lab.endpoint)
    connection = lab.session()
    for _ in range(2):
        publish_reports(connection, Cadence.DAILY, window(20))
        publish_reports(connection, Cadence.WEEKLY, window(20))
    found = connection.execute("select cadence, name, title, content ->> 'headline', markdown from upkeep.report").fetchall()
    (row,) = found
    assert row[:4] == ("daily", "test_report", "Odd of 20", "three")
    assert (
        "## A \\*title\\*\n\na \\| b ## no heading\n\n| name | count |\n|---|---:|\n| x \\| \\<b\\>\\`y\\` | 1 |\n| z | 2 |"
        in row[4]
    )


@pytest.mark.usefixtures("alone")
def test_sections_belong_to_cadences_and_may_be_silent(lab: Lab) -> None:
    rows = Rows(lab.session())
    assert sections_of(rows, Cadence.WEEKLY, window(20)) == {"test_report": ODD}
    assert sections_of(rows, Cadence.DAILY, window(20)) == {}


def test_what_is_too_long_is_counted() -> None:
    text = render("report", report=Report(title="t", headline="h", sections=(ODD,)), limit=1)
    assert "| z |" not in text
    assert text.rstrip().endswith("And 2 more.")


def test_a_section_without_a_table_is_its_sentence() -> None:
    text = render("report", report=Report(title="t", headline="h", sections=(Section(title="a", text="b"),)), limit=5)
    assert text.split() == ["#", "t", "h", "##", "a", "b"]


def test_all_cadences_when_none_is_named() -> None:
    assert section()(lambda *_: None).cadences == tuple(Cadence)
    assert isinstance(report(Cadence.DAILY)(lambda *_: None), ReportMaker)
