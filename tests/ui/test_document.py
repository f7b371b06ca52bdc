"""Documents as pages: their charts are drawn in the colours of the page, and nothing else becomes an image."""

from tests.reports.charts import chart
from upkeep.reports.report import Report
from upkeep.reports.rows import render
from upkeep.reports.section import Section
from upkeep.ui.render import document, markdown


def stored() -> str:
    part = Section(title="Costs", text="up", charts=(chart(), chart(title="b](x) <i>")))
    return render("report", report=Report(title="t", headline="h", sections=(part,)), limit=5)


def test_charts_are_drawn_where_they_stand() -> None:
    text, contents = document(stored(), [chart(), chart(title="second")])
    assert text.count('<svg xmlns="http://www.w3.org/2000/svg" class="chart"') == 2
    assert "<img" not in text
    assert "<style>" not in text
    assert contents == [("part-1", "Costs")]


def test_a_chart_that_was_not_kept_is_told_in_words() -> None:
    text, _ = document(stored(), [])
    assert "Costs of shop by service. Storage grew." in text
    assert "<svg" not in text
    assert "<img" not in text


def test_other_text_makes_no_image() -> None:
    assert "<img" not in markdown("![x](data:image/svg+xml;base64,PHN2Zy8+)")
    text, _ = document("![x](javascript:alert) [y](data:text/html,z)")
    assert "<img" not in text
    assert "href" not in text
