"""Which reader a document is for."""

from functools import cache
from typing import Any

from upkeep.formats import web_reports
from upkeep.formats.web_reports.report import ReportReader, WebReport
from upkeep.members import subclasses


def web_report(document: Any) -> WebReport | None:
    """The report that a document of JSON is; None when no reader knows it. Raises WebReportError as readers do."""
    found = (reader.read(document) for reader in _readers())
    return next((each for each in found if each is not None), None)


@cache
def _readers() -> tuple[type[ReportReader], ...]:
    return subclasses(web_reports, ReportReader)
