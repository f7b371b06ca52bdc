"""What a feature has to have at each stage of its way."""

from collections.abc import Iterator

STAGES = ("idea", "design", "build", "staging", "rollout", "live", "done")
GATES = {
    "requirements": "design",
    "acceptance criteria": "design",
    "effort": "design",
    "design": "build",
    "decision": "build",
    "schema": "staging",
    "contract": "staging",
    "unit tests": "staging",
    "integration tests": "staging",
    "end-to-end tests": "rollout",
    "staging": "rollout",
    "rollout": "live",
    "usage": "done",
    "feedback": "done",
}
"""Each gate, with the stage that a feature reaches only with it."""


def due(stage: str) -> Iterator[str]:
    """The gates that a feature at this stage has passed, or should have."""
    reached = STAGES.index(stage)
    return (gate for gate, needed in GATES.items() if STAGES.index(needed) <= reached)
