"""Error budgets of services, and the alerts that burn rates would have sent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from upkeep.answer import Answer
from upkeep.checks.service.slo_said import budget_finding, burn_finding, metrics, said, unjudged
from upkeep.duty import check
from upkeep.objectives.budget import Budget, budget_of
from upkeep.objectives.minutes import stored_minutes
from upkeep.record import Record
from upkeep.sources.rows import Rows
from upkeep.stats.burn import LONGEST
from upkeep.targets.service import Service
from upkeep.window import Cadence, Window


@check(Cadence.DAILY, owner="service", after=("golden_signals",))
def slo(
    service: Service, rows: Rows, window: Window, *, least_bad: int = 5, least_coverage: float = 0.5, low_left: float = 0.25
) -> Answer:
    """
    Error budgets of services, and the alerts that burn rates would have sent.

    Each objective is judged by counts over its days until the window's end: bad requests against as many as may be bad. What
    the client gave up (499) is not bad. Burn rates of 14.4 (1 h and 5 min) and 6 (6 h and 30 min) page, 3 (1 d and 2 h) and 1
    (3 d and 6 h) are tickets; for other periods than 30 days they are scaled. They are gone through minute by minute, so that a
    day long ago says which alerts would have come, and when. Fewer than `least_bad` bad requests are told by nothing. Minutes
    that nobody saw are unknown: of less than `least_coverage` of them an objective is not judged. `low_left` is the share of
    the budget below which it is told.
    """
    budgets = _budgets(service, rows, window, least_bad)
    judged = [budget for budget in budgets if unjudged(budget, least_coverage) is None]
    findings = [
        finding
        for budget in judged
        for finding in (budget_finding(budget, window, least_bad, low_left), *burn_finding(budget, window))
        if finding
    ]
    text = "; ".join(said(budget, least_coverage) for budget in budgets) or "no objective is declared"
    every = [metric for budget in judged for metric in metrics(budget)]
    if not findings and len(judged) < len(budgets):
        unknown = Answer.unknown(text, "see whether golden_signals reads the service in every window", metrics=every)
        return replace(unknown, records=tuple(_records(judged)))
    return Answer.judged(text, findings=findings, metrics=every, records=_records(judged))


def _budgets(service: Service, rows: Rows, window: Window, least_bad: int) -> list[Budget]:
    days = max((objective.days for objective in service.objectives), default=1)
    first = min(window.start, window.end - timedelta(days=days, minutes=LONGEST))
    minutes = stored_minutes(rows, service.name, Window(first, window.end))
    return [budget_of(objective, minutes, window, least_bad) for objective in service.objectives]


def _records(judged: Sequence[Budget]) -> list[Record]:
    return [record for budget in judged for record in (budget.row, *budget.alerts)]
