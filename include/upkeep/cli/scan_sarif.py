"""A scan as SARIF 2.1.0, which code hosts show beside the lines."""

import hashlib
import json
from typing import Any
from urllib.parse import quote

from upkeep.advisories.found import Found
from upkeep.advisories.scan import Scanned
from upkeep.answer import Severity

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_SCORES = {Severity.CRITICAL: 9.0, Severity.HIGH: 7.0, Severity.MEDIUM: 4.0, Severity.LOW: 1.0}


def shown(scanned: Scanned) -> str:
    """One run. What could not be checked makes the invocation one that did not succeed."""
    every = [*((one, None) for one in scanned.found), *((p.found, p.statement.reason) for p in scanned.passed)]
    rules = {one.fault.title: _rule(one) for one, _ in every}
    notifications = [{"level": "error", "message": {"text": why}} for why in scanned.open_questions]
    notifications += [{"level": "note", "message": {"text": note}} for note in scanned.notes]
    run = {
        "tool": {"driver": {"name": "upkeep", "rules": list(rules.values())}},
        "invocations": [{"executionSuccessful": not scanned.open_questions, "toolExecutionNotifications": notifications}],
        "results": [_result(one, reason) for one, reason in every],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(one: Found) -> dict[str, Any]:
    score = one.rating.score if one.rating and one.rating.score is not None else _SCORES[one.severity]
    return {
        "id": one.fault.title,
        "shortDescription": {"text": one.fault.summary or one.fault.title},
        "helpUri": f"https://osv.dev/vulnerability/{quote(one.fault.advisories[0])}",
        "properties": {"security-severity": f"{score:g}", "tags": ["security", *sorted(one.fault.names)]},
    }


def _result(one: Found, reason: str | None) -> dict[str, Any]:
    fix = f"; {one.fix} is mended" if one.fix else "; no mended version is known"
    text = f"{one.package.name} {', '.join(one.versions)} has {one.fault.title}{fix}"
    key = f"{one.package.ecosystem}\x1f{one.package.name}\x1f{one.fault.title}"
    made: dict[str, Any] = {
        "ruleId": one.fault.title,
        "level": _LEVELS[one.severity],
        "message": {"text": text},
        "locations": [_location(place.file, place.package.line) for place in one.places],
        "partialFingerprints": {"upkeep/v1": hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]},
    }
    return made if reason is None else {**made, "suppressions": [{"kind": "external", "justification": reason}]}


def _location(file: str, line: int | None) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": quote(file)}, "region": {"startLine": line or 1}}}
