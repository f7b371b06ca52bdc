"""Lighthouse's JSON: times of one load of a page, what was transferred, and the budgets that it was held to."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from upkeep.formats.web_reports.report import Measured, ReportReader, WebReport, WebReportError, number, part, rows
from upkeep.units import Unit

TIMES = {
    "largest-contentful-paint": "lcp",
    "first-contentful-paint": "fcp",
    "total-blocking-time": "tbt",
    "interaction-to-next-paint": "inp",
    "cumulative-layout-shift": "cls",
    "speed-index": "speed_index",
    "interactive": "interactive",
}
_BLOCKING = ("render-blocking-resources", "render-blocking-insight")


class Lighthouse(ReportReader):
    """A result of Lighthouse, of version 5 and later, also inside of PageSpeed Insights' answer."""

    @staticmethod
    def read(document: Any) -> WebReport | None:
        """Read one. Raises WebReportError for a run that failed, or that does not say when it was."""
        document = part(document, "lighthouseResult") or document
        if not isinstance(document, dict) or "lighthouseVersion" not in document:
            return None
        if code := part(document, "runtimeError", "code"):
            raise WebReportError(f"Lighthouse could not load the page: {code}")
        of, audits = _page(document), part(document, "audits")
        found = {each.measure: each for each in (*_times(of, audits), *_blocking(of, audits), *_sizes(of, audits))}
        found |= {each.measure: each for each in (*_over_size(of, audits), *_over_time(of, audits))}
        if not found:
            raise WebReportError("Lighthouse measured nothing of the page")
        return WebReport(of, tuple(found.values()), _made_at(document), varies=True)


def _page(document: Any) -> str:
    urls = (document.get(name) for name in ("requestedUrl", "finalDisplayedUrl", "finalUrl"))
    url = next((each for each in urls if isinstance(each, str)), "")
    device = part(document, "configSettings", "formFactor") or part(document, "configSettings", "emulatedFormFactor")
    try:
        path = urlsplit(url).path
    except ValueError:
        raise WebReportError("it does not say of which page it is") from None
    return f"{path or '/'} {'desktop' if device == 'desktop' else 'mobile'}"


def _made_at(document: Any) -> datetime:
    try:
        found = datetime.fromisoformat(document["fetchTime"])
    except (KeyError, TypeError, ValueError):
        raise WebReportError("it does not say when it was made") from None
    if found.tzinfo is None:
        raise WebReportError("its time has no zone")
    return found


def _times(of: str, audits: Any) -> Iterator[Measured]:
    for name, measure in TIMES.items():
        value = number(part(audits, name, "numericValue"))
        if value is not None:
            yield Measured(of, measure, value, _unit(measure))


def _blocking(of: str, audits: Any) -> Iterator[Measured]:
    """How much sooner the page would show if nothing blocked its rendering."""
    for name in _BLOCKING:
        savings = part(audits, name, "metricSavings") or {}
        told = [part(audits, name, "numericValue"), *(savings.values() if isinstance(savings, dict) else ())]
        found = [value for value in map(number, told) if value is not None]
        if found:
            yield Measured(of, "render_blocking", max(found), Unit.MILLISECONDS)


def _sizes(of: str, audits: Any) -> Iterator[Measured]:
    """Bytes by type of resource: of the summary, else summed from the requests, since late versions have no summary."""
    summary = rows(part(audits, "resource-summary", "details", "items"))
    sizes = {str(row.get("resourceType")): _transferred(row) for row in summary}
    if not sizes:
        for row in rows(part(audits, "network-requests", "details", "items")):
            for kind in (str(row.get("resourceType")).lower(), "total"):
                sizes[kind] = sizes.get(kind, 0.0) + _transferred(row)
    for kind, value in sizes.items():
        yield Measured(of, kind, value, Unit.BYTES)


def _over_size(of: str, audits: Any) -> Iterator[Measured]:
    for row in rows(part(audits, "performance-budget", "details", "items")):
        over, kind = number(row.get("sizeOverBudget")), str(row.get("resourceType"))
        if over:
            yield Measured(of, kind, _transferred(row), Unit.BYTES, _transferred(row) - over)
        count, more = number(row.get("requestCount")), _leading(row.get("countOverBudget"))
        if count is not None and more:
            yield Measured(of, f"{kind} requests", count, Unit.COUNT, count - more)


def _over_time(of: str, audits: Any) -> Iterator[Measured]:
    for row in rows(part(audits, "timing-budget", "details", "items")):
        told, over = row.get("measurement"), number(row.get("overBudget"))
        value = number(part(told, "value") if isinstance(told, dict) else told)
        if value is not None and over:
            measure = TIMES.get(str(row.get("metric")), str(row.get("metric")))
            yield Measured(of, measure, value, _unit(measure), value - over)


def _transferred(row: dict[str, Any]) -> float:
    """Bytes; `size` is what versions before 6 called them."""
    return number(row.get("transferSize")) or number(row.get("size")) or 0.0


def _leading(text: Any) -> int:
    """`3 requests` as 3: the count is written in the language of the report."""
    digits = str(text).strip().split(" ")[0] if isinstance(text, str) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0  # noqa: PLR2004 - no count is so long


def _unit(measure: str) -> Unit:
    return Unit.TIMES if measure == "cls" else Unit.MILLISECONDS
