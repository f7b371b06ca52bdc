"""The results of bundlewatch as JSON: the packed size of each file against its largest."""

from typing import Any

from upkeep.formats.web_reports.bundle_name import bundle_name
from upkeep.formats.web_reports.report import Measured, ReportReader, WebReport, WebReportError, number, part, rows
from upkeep.units import Unit


class Bundlewatch(ReportReader):
    """What bundlewatch gives to the program that calls it, `fullResults` and all."""

    @staticmethod
    def read(document: Any) -> WebReport | None:
        """Read one. Raises WebReportError where a file could not be measured: its budget is not known then."""
        results = rows(part(document, "fullResults"))
        if not results:
            return None
        if failed := [str(each.get("filePath")) for each in results if each.get("error")]:
            raise WebReportError(f"bundlewatch could not measure {', '.join(failed[:3])}")
        values = tuple(_value(each) for each in results if not each.get("isRemoved") and number(each.get("size")) is not None)
        if not values:
            raise WebReportError("it tells no size")
        return WebReport("bundles of bundlewatch", values)


def _value(row: dict[str, Any]) -> Measured:
    size = number(row.get("size")) or 0.0
    return Measured(bundle_name(row.get("filePath")), "bundle", size, Unit.BYTES, number(row.get("maxSize")))
