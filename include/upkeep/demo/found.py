"""What the runs found, read from the report tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from upkeep.demo.planted import Found
from upkeep.discovery import discover
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
# No finding, since money moved and nothing is wrong; but it was planted, and is to be seen.
_RESTATED = """
    select
        'low',
        restatement.account,
        answer.duty,
        'month_restated',
        restatement.service,
        to_char(restatement.month, 'FMMonth YYYY') || ' changed by '
        || to_char(restatement.billed_difference, 'FMS999,990.00') || ' ' || restatement.currency || ': '
        || restatement.service || ', account ' || restatement.sub_account || ' (' || restatement.why || ')'
    from upkeep.restatement
    inner join upkeep.answer
        on answer.duty = 'import_costs'
        and answer.target = restatement.account
        and answer.asked_at = restatement.said_at
    where answer.run_id = any(%s)
    order by
        restatement.month,
        restatement.service
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


_DONE = """
    select
        duty,
        target,
        status::text,
        summary
    from upkeep.answer
    where run_id = any(%s)
    and duty = any(%s)
    order by
        window_start,
        duty,
        target
"""

_ROTATION = """
    select
        begun_at,
        promoted_at
    from upkeep.rotation
    where secret = 'shop login'
    order by begun_at desc
    limit 1
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What a job says of a target."""

    duty: str
    target: str
    status: str
    summary: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A question that had no answer, and why."""

    duty: str
    target: str
    reason: str


def findings(store: Endpoint, runs: Sequence[str]) -> list[Found]:
    """Findings of these runs, worst first, and closed months that they restated."""
    with connected(store, "demo table") as connection:
        return [Found(*row) for query in (_FINDINGS, _RESTATED) for row in connection.execute(query, [list(runs)]).fetchall()]


def unknowns(store: Endpoint, runs: Sequence[str]) -> list[Unknown]:
    """Questions of these runs that could not be answered."""
    with connected(store, "demo table") as connection:
        return [Unknown(*row) for row in connection.execute(_UNKNOWN, [list(runs)]).fetchall()]


def done(store: Endpoint, runs: Sequence[str]) -> list[Done]:
    """What the jobs of these runs did."""
    jobs = [duty.name for duty in discover() if duty.kind == "job"]
    with connected(store, "demo table") as connection:
        return [Done(*row) for row in connection.execute(_DONE, [list(runs), jobs]).fetchall()]


def shop_rotation(store: Endpoint) -> tuple[datetime | None, datetime | None]:
    """When the newest rotation of the shop's login began, and when its new value became current."""
    with connected(store, "demo rotation") as connection:
        row = connection.execute(_ROTATION).fetchone()
    return (row[0], row[1]) if row else (None, None)
