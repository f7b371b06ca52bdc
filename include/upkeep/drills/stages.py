"""The stages of a recovery as people plan them, from the steps that a restore is made of. Pure."""

from collections.abc import Mapping

ORDER = ("find", "server", "fetch", "recover", "pre-data", "data", "post-data", "compare", "check")
_OF = {
    "manifest": "find",
    "fetch": "fetch",
    "check": "pre-data",
    "roles": "pre-data",
    "create": "pre-data",
    "definitions": "pre-data",
    "rows": "data",
    "indexes": "post-data",
    "finish": "post-data",
    "compare": "compare",
}


def by_stage(steps: Mapping[str, float], more: Mapping[str, float]) -> dict[str, float]:
    """Seconds of each stage: of a restore's `steps`, and of `more` that are stages already. In their order."""
    found: dict[str, float] = dict(more)
    for step, seconds in steps.items():
        stage = _OF.get(step, "check")
        found[stage] = found.get(stage, 0) + seconds
    return {stage: round(found[stage], 3) for stage in ORDER if stage in found}
