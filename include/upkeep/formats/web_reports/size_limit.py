"""The JSON of size-limit: the size of each bundle, and the time that it takes to run, against its limit."""

from collections.abc import Iterator
from typing import Any

from upkeep.formats.web_reports.bundle_name import bundle_name
from upkeep.formats.web_reports.report import Measured, ReportReader, WebReport, WebReportError, number, rows
from upkeep.units import Unit

_FIELDS = frozenset(["passed", "size", "running", "loading"])


class SizeLimit(ReportReader):
    """What `size-limit --json` prints."""

    @staticmethod
    def read(document: Any) -> WebReport | None:
        """Read one. Raises WebReportError where size-limit itself failed."""
        if isinstance(document, dict) and set(document) == {"error"}:
            raise WebReportError("the program that measures bundles failed, and wrote its error")
        checks = rows(document)
        if not checks or not all(isinstance(each.get("name"), str) and _FIELDS & set(each) for each in checks):
            return None
        if not all(each["name"] for each in checks):
            # It says of what is not there that it has 0 bytes, and passes.
            raise WebReportError("size-limit found no file for one of its paths")
        values = tuple(value for each in checks for value in _values(bundle_name(each["name"]), each))
        if not values:
            raise WebReportError("it tells no size")
        return WebReport("bundles of size-limit", values)


def _values(of: str, check: dict[str, Any]) -> Iterator[Measured]:
    size, limit = number(check.get("size")), number(check.get("sizeLimit"))
    if size is not None:
        yield Measured(of, "bundle", size, Unit.BYTES, limit)
    times = [found for found in (number(check.get("loading")), number(check.get("running"))) if found is not None]
    if times:
        refused = check.get("passed") is False and not (size is not None and limit is not None and size > limit)
        yield Measured(of, "bundle_time", 1000 * sum(times), Unit.MILLISECONDS, refused=refused)
