"""A scan for programs, with everything that is known."""

import json
from typing import Any

from upkeep.advisories.found import Found
from upkeep.advisories.patches import Patch
from upkeep.advisories.scan import Scanned


def shown(scanned: Scanned) -> str:
    """One JSON object."""
    return json.dumps(
        {
            "as_of": scanned.at.isoformat(),
            "files": scanned.files,
            "packages": scanned.packages,
            "covered": scanned.covered,
            "found": [fault(one) for one in scanned.found],
            "passed": [
                {**fault(one.found), "because": one.statement.reason, "said_in": one.statement.file} for one in scanned.passed
            ],
            "could_not_check": scanned.open_questions,
            "notes": scanned.notes,
            "changes": [_change(patch) for patch in scanned.patches],
        },
        indent=2,
    )


def fault(one: Found) -> dict[str, Any]:
    """One fault of one package."""
    return {
        "fault": one.fault.title,
        "names": sorted(one.fault.names),
        "advisories": one.fault.advisories,
        "summary": one.fault.summary,
        "ecosystem": one.package.ecosystem,
        "package": one.package.name,
        "versions": one.versions,
        "severity": one.severity.label,
        "rated": one.rated,
        "score": one.rating.score if one.rating else None,
        "vector": one.rating.vector if one.rating else None,
        "sources_disagree": one.disagreement or None,
        "fixed_in": one.fix,
        "exploited_since": one.exploited.added.isoformat() if one.exploited else None,
        "exploited_due": one.exploited.due.isoformat() if one.exploited else None,
        "chance_of_exploit": one.chance,
        "direct": one.direct,
        "through": one.parents,
        "scope": one.scope.value,
        "places": [{"file": place.file, "line": place.package.line, "version": place.package.version} for place in one.places],
    }


def _change(patch: Patch) -> dict[str, Any]:
    return {
        "ecosystem": patch.package.ecosystem,
        "package": patch.package.name,
        "from": patch.versions,
        "to": patch.to,
        "through": patch.parents,
        "closes": [one.fault.title for one in patch.closes],
        "leaves": [one.fault.title for one in patch.leaves],
    }
