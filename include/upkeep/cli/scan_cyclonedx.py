"""A scan as CycloneDX 1.6: the packages with faults, the faults, and what the repository says of them."""

import json
import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from upkeep.advisories.found import Found
from upkeep.advisories.orders.order import base
from upkeep.advisories.scan import Scanned
from upkeep.advisories.vex import Statement

_TYPES = {
    "PyPI": "pypi", "npm": "npm", "Go": "golang", "crates.io": "cargo", "RubyGems": "gem", "Packagist": "composer",
    "NuGet": "nuget", "Maven": "maven", "Hex": "hex", "Pub": "pub", "Debian": "deb", "Ubuntu": "deb", "Alpine": "apk",
}  # fmt: skip
_METHODS = (("CVSS:4.0", "CVSSv4"), ("CVSS:3.1", "CVSSv31"), ("CVSS:3.0", "CVSSv3"), ("AV:", "CVSSv2"))


def shown(scanned: Scanned) -> str:
    """One document, the same for the same findings. What could not be checked stands in its properties."""
    every: list[tuple[Found, Statement | None]] = [*((one, None) for one in scanned.found)]
    every += [(one.found, one.statement) for one in scanned.passed]
    body: dict[str, Any] = {
        "components": _components(one for one, _ in every),
        "vulnerabilities": [_vulnerability(one, statement) for one, statement in every],
        "properties": [{"name": "upkeep:could_not_check", "value": why} for why in scanned.open_questions],
    }
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([body, scanned.at.isoformat()], sort_keys=True))
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{number}", "version": 1}
    stamp = {
        "metadata": {"timestamp": scanned.at.isoformat(), "tools": {"components": [{"type": "application", "name": "upkeep"}]}}
    }
    return json.dumps({**head, **stamp, **body}, indent=2)


def _components(found: Iterable[Found]) -> list[dict[str, Any]]:
    every = {_ref(one, version): (one, version) for one in found for version in one.versions}
    return [_component(ref, one, version) for ref, (one, version) in sorted(every.items())]


def _component(ref: str, one: Found, version: str) -> dict[str, Any]:
    purl = {"purl": ref} if ref.startswith("pkg:") else {}
    return {"type": "library", "bom-ref": ref, "name": one.package.name, "version": version, **purl}


def _ref(one: Found, version: str) -> str:
    kind = _TYPES.get(base(one.package.ecosystem))
    name = one.package.name.replace(":", "/", 1) if kind == "maven" else one.package.name
    return f"pkg:{kind}/{quote(name)}@{quote(version, safe='')}" if kind else f"{one.subject} {version}"


def _vulnerability(one: Found, statement: Statement | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": one.fault.title,
        "source": {"name": "OSV", "url": f"https://osv.dev/vulnerability/{quote(one.fault.advisories[0])}"},
        "references": [{"id": name, "source": {"name": "OSV"}} for name in sorted(one.fault.names - {one.fault.title})],
        "ratings": [_rating(one)],
        "description": one.fault.summary,
        "affects": [{"ref": _ref(one, version)} for version in one.versions],
    }
    if one.fix:
        made["recommendation"] = f"Go to {one.fix}"
    if statement:
        made["analysis"] = {"state": "not_affected", "detail": f"{statement.reason} ({statement.file})"}
    return made


def _rating(one: Found) -> dict[str, Any]:
    if one.rating is None:
        return {"severity": "unknown"}
    method = next((name for start, name in _METHODS if one.rating.vector.startswith(start)), None)
    made: dict[str, Any] = {"severity": one.severity.label}
    if one.rating.score is not None and method:
        made |= {"score": one.rating.score, "method": method, "vector": one.rating.vector}
    return made
