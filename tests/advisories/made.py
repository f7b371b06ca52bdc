"""Advisories made for tests."""

from datetime import UTC, datetime
from typing import Any

from upkeep.advisories.advisory import Advisory, read_advisory
from upkeep.advisories.matcher import Match, Matcher
from upkeep.formats.package import Package

DAY = datetime(2026, 6, 1, tzinfo=UTC)


def events(*pairs: str) -> list[dict[str, str]]:
    """Events of "introduced=0", "fixed=1.2"."""
    return [dict([pair.split("=", 1)]) for pair in pairs]


def document(name: str, package: str, *pairs: str, ecosystem: str = "PyPI", **more: Any) -> dict[str, Any]:
    """An advisory's JSON with one range; `more` goes to the advisory, `part` to its package."""
    part = {"package": {"ecosystem": ecosystem, "name": package}, **more.pop("part", {})}
    if pairs:
        part.setdefault("ranges", [{"type": "ECOSYSTEM", "events": events(*pairs)}])
    dates = {"published": "2025-01-01T00:00:00Z", "modified": "2025-01-02T00:00:00Z"}
    return {"id": name, **dates, "affected": [part], **more}


def advisory(name: str, package: str, *pairs: str, **more: Any) -> Advisory:
    """The advisory of `document`."""
    return read_advisory(document(name, package, *pairs, **more))


def matched(package: Package, *advisories: Advisory, at: datetime = DAY) -> Match:
    """What these advisories say of a package."""
    return Matcher(advisories, at).match(package)


def hits(version: str, *pairs: str, ecosystem: str = "PyPI", **more: Any) -> bool:
    """Whether an advisory with one range is about this version."""
    found = matched(Package(ecosystem, "it", version), advisory("OSV-1", "it", *pairs, ecosystem=ecosystem, **more))
    assert not found.unjudged, found.unjudged
    return bool(found.faults)
