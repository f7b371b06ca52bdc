"""A record of the Chrome UX Report as its API gives it: the 75th percentile over 28 days, without how many were measured."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from upkeep.formats.web_reports.report import WebReportError, number, part, rows

_VITALS = {"largest_contentful_paint": "lcp", "interaction_to_next_paint": "inp", "cumulative_layout_shift": "cls"}
_DEVICES = {"PHONE": "mobile", "DESKTOP": "desktop", "TABLET": "tablet"}


@dataclass(frozen=True, slots=True)
class Published:
    """A vital as somebody else published it. `of` is the page's path, empty for the whole origin; `good` is a share."""

    of: str
    device: str
    vital: str
    p75: float
    good: float | None


@dataclass(frozen=True, slots=True)
class CruxRecord:
    """What one record tells of a page or origin on a device, over the days up to `last`."""

    of: str
    device: str
    last: date
    vitals: tuple[Published, ...]


def crux_record(document: Any) -> CruxRecord | None:
    """Read one; None of another form. Raises WebReportError for one that mixes devices, has no days or tells no vital."""
    record = part(document, "record")
    if not isinstance(part(record, "metrics"), dict):
        return None
    device = _DEVICES.get(str(part(record, "key", "formFactor")))
    if device is None:
        raise WebReportError("it is of all devices together: ask for formFactor PHONE and DESKTOP apart")
    of = _page(part(record, "key", "url"))
    found = tuple(vital for name, short in _VITALS.items() for vital in _vital(of, device, short, part(record, "metrics", name)))
    if not found:
        raise WebReportError("it tells no LCP, INP or CLS")
    return CruxRecord(of, device, _last(record), found)


def _vital(of: str, device: str, vital: str, told: Any) -> list[Published]:
    p75 = _decimal(part(told, "percentiles", "p75"))
    bins = rows(part(told, "histogram"))
    good = number(bins[0].get("density")) if bins else None
    return [] if p75 is None else [Published(of, device, vital, p75, good)]


def _decimal(value: Any) -> float | None:
    """CLS is written as text."""
    try:
        return number(float(value) if isinstance(value, str) else value)
    except ValueError:
        return None


def _last(record: Any) -> date:
    told = part(record, "collectionPeriod", "lastDate")
    try:
        return date(*(int(part(told, name)) for name in ("year", "month", "day")))
    except (TypeError, ValueError, OverflowError):
        raise WebReportError("it does not say until which day it was collected") from None


def _page(url: Any) -> str:
    try:
        return urlsplit(url).path or "/" if isinstance(url, str) else ""
    except ValueError:
        raise WebReportError("it does not say of which page it is") from None
