"""The JSON in which a program of one's own leaves the web vitals of a day: values with how many page views had them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from upkeep.formats.web_reports.report import WebReportError, number

VITALS = frozenset(["lcp", "inp", "cls"])
DEVICES = frozenset(["mobile", "desktop"])


@dataclass(frozen=True, slots=True)
class ExportedDay:
    """A day's page views: device, vital, value (milliseconds; the score of cls) and how many had it."""

    day: date
    counts: tuple[tuple[str, str, float, int], ...]


def exported_day(document: Any) -> ExportedDay | None:
    """Read one; None of another form. Raises WebReportError that says which entry is wrong."""
    if not isinstance(document, dict) or not isinstance(document.get("vitals"), list):
        return None
    try:
        day = date.fromisoformat(document["day"])
    except (KeyError, TypeError, ValueError):
        raise WebReportError("day is no day such as 2026-11-20") from None
    return ExportedDay(day, tuple(_count(place, each) for place, each in enumerate(document["vitals"], 1)))


def _count(place: int, entry: Any) -> tuple[str, str, float, int]:
    told = entry if isinstance(entry, dict) else {}
    device, vital = str(told.get("device")).lower(), str(told.get("vital")).lower()
    value, n = number(told.get("value")), number(told.get("n", 1))
    if device not in DEVICES or vital not in VITALS or value is None or not n or n != int(n):
        raise WebReportError(f"entry {place} of vitals is no device (mobile, desktop), vital (lcp, inp, cls), value and count n")
    return device, vital, value, int(n)
