"""What the runs found, read from the report tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from upkeep.demo.planted import Found
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import connected

_FINDINGS = """
    select
        finding.severity::text,
        finding.target,
        finding.duty,
        finding.rule,
        finding.object,
        finding.title
    from upkeep.finding
    inner join upkeep.answer
        using (duty, target, window_start, window_end)
    where answer.run_id = any(%s)
    order by
        finding.severity desc,
        finding.duty,
        finding.object
"""
_UNKNOWN = """
    select
        duty,
        target,
        summary
    from upkeep.answer
    where run_id = any(%s)
    and status = 'unknown'
    order by
        duty,
        target
"""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A question that had no answer, and why."""

    duty: str
    target: str
    reason: str


def findings(store: Endpoint, runs: Sequence[str]) -> list[Found]:
    """Findings of these runs, worst first."""
    with connected(store, "demo table") as connection:
        return [Found(*row) for row in connection.execute(_FINDINGS, [list(runs)]).fetchall()]


def unknowns(store: Endpoint, runs: Sequence[str]) -> list[Unknown]:
    """Questions of these runs that could not be answered."""
    with connected(store, "demo table") as connection:
        return [Unknown(*row) for row in connection.execute(_UNKNOWN, [list(runs)]).fetchall()]
