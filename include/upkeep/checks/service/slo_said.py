"""What is said of a judged objective: its findings, metrics and words."""

from collections.abc import Iterator

from upkeep.answer import Finding, Metric, Severity
from upkeep.humanize import plural, span
from upkeep.objectives.budget import Budget
from upkeep.objectives.records import BurnAlertRow
from upkeep.units import Unit
from upkeep.window import Window

_CALM = {"page": Severity.MEDIUM, "ticket": Severity.LOW}
_GOING_ON = {"page": Severity.HIGH, "ticket": Severity.MEDIUM}
_MOMENT = "%Y-%m-%d %H:%M"


def unjudged(budget: Budget, least_coverage: float) -> str | None:
    """Why an objective cannot be judged; None when it can."""
    what = "" if budget.objective.of == "errors" else " with its slow answers"
    if not budget.minutes_seen:
        return f"no minute of {budget.objective.days} d was seen{what}"
    if min(budget.window_coverage, budget.coverage) < least_coverage:
        share = f"{budget.window_coverage:.0%} of the window's minutes and {budget.coverage:.0%} of those since"
        return f"{share} {budget.known_since:{_MOMENT}} were seen{what}, {least_coverage:.0%} are needed"
    return None if budget.requests else f"no request came in {budget.objective.days} d"


def said(budget: Budget, least_coverage: float) -> str:
    """One objective in a few words."""
    reason = unjudged(budget, least_coverage)
    return f"{budget.objective.name} is unknown: {reason}" if reason else f"{_left(budget)}{_since(budget)}{_alerts(budget)}"


def budget_finding(budget: Budget, window: Window, least_bad: int, low_left: float) -> Finding | None:
    """A budget that is spent, or nearly; None while enough is left or too few requests were bad."""
    left = budget.left
    if left is None or budget.bad < least_bad or left >= low_left:
        return None
    going_on = any(alert.ended_at is None for alert in budget.alerts)
    return Finding(
        rule="error_budget",
        object=budget.objective.name,
        severity=Severity.HIGH if left <= 0 and going_on else Severity.MEDIUM,
        title=f"{_left(budget)}{_since(budget)} ({budget.objective.promise})",
        remedy="let what makes it worse wait: releases that are no repair; look at the bad requests since "
        f"{window.start:{_MOMENT}} UTC, or agree on another goal",
        value=left,
        limit=low_left,
        unit=Unit.SHARE,
    )


def burn_finding(budget: Budget, window: Window) -> Iterator[Finding]:
    """The pages, and the tickets, that would have come in the window or were on in it."""
    for kind in ("page", "ticket"):
        alerts = [alert for alert in budget.alerts if alert.kind == kind]
        if not alerts:
            continue
        on = alerts[-1].ended_at is None
        yield Finding(
            rule=f"burn_{kind}",
            object=budget.objective.name,
            severity=(_GOING_ON if on else _CALM)[kind],
            title=f"{budget.objective.name}: {_came(budget, kind, window)}{'; it went on at the end' if on else ''}",
            remedy=f"look at {_moment(alerts[0].first_bad_at)}, the first bad minute: what was deployed or failed then",
            details={"alerts": [_details(alert) for alert in alerts]},
        )


def metrics(budget: Budget) -> Iterator[Metric]:
    """Its numbers, each with what it is made of."""
    labels, n = {"objective": budget.objective.name}, budget.requests
    allowed = float(budget.allowed)
    yield Metric(
        name="error_budget_left", value=budget.left or 0.0, unit=Unit.SHARE, labels=labels,
        numerator=allowed - budget.bad, denominator=allowed, n=n,
    )  # fmt: skip
    yield Metric(name="bad_share", value=budget.bad / n, unit=Unit.SHARE, labels=labels, numerator=budget.bad, denominator=n, n=n)
    seen = budget.minutes_seen
    yield Metric(
        name="minutes_seen", value=seen / budget.minutes, unit=Unit.SHARE, labels=labels, numerator=seen,
        denominator=budget.minutes, n=budget.minutes,
    )  # fmt: skip
    for kind in ("page", "ticket"):
        yield Metric(name=f"burn_{kind}s", value=budget.came_of(kind), unit=Unit.COUNT, labels=labels)
    if pages := [alert for alert in budget.came if alert.kind == "page"]:
        seconds = sum((page.came_at - page.first_bad_at).total_seconds() for page in pages) / len(pages)
        yield Metric(name="time_to_detect", value=seconds, unit=Unit.SECONDS, labels=labels, n=len(pages))


def _left(budget: Budget) -> str:
    counts = f"{budget.bad:,} of {plural(budget.requests, 'request')} bad, {float(budget.allowed):,.4g} allowed"
    left = budget.left or 0.0
    spent = f"{left:.1%} of its error budget left" if left >= 0 else f"error budget spent {1 - left:,.1f} times"
    seen = f"{budget.minutes_seen / budget.minutes:.0%} of {span(budget.minutes * 60)} seen"
    return f"{budget.objective.name}: {spent} ({counts}, {seen})"


def _since(budget: Budget) -> str:
    missing = budget.minutes_seen < 0.95 * budget.minutes
    return f", known since {_moment(budget.known_since)}" if missing and budget.known_since else ""


def _alerts(budget: Budget) -> str:
    if not budget.came:
        return ""
    counts = [plural(budget.came_of(kind), kind) for kind in ("page", "ticket") if budget.came_of(kind)]
    return f"; {' and '.join(counts)} would have come, first at {_moment(budget.came[0].came_at)}"


def _came(budget: Budget, kind: str, window: Window) -> str:
    came = [alert for alert in budget.came if alert.kind == kind]
    if not came:
        before = next(alert for alert in budget.alerts if alert.kind == kind)
        return f"a {kind} that would have come at {_moment(before.came_at)} was still on after {_moment(window.start)}"
    first = came[0]
    rule = f"{first.factor:.3g} times too fast over {span(first.long_minutes * 60)} and {span(first.short_minutes * 60)}"
    return f"{plural(len(came), kind)} would have come, first at {_moment(first.came_at)} ({rule})"


def _details(alert: BurnAlertRow) -> dict[str, object]:
    ended = None if alert.ended_at is None else alert.ended_at.isoformat()
    return {"came_at": alert.came_at.isoformat(), "ended_at": ended, "first_bad_at": alert.first_bad_at.isoformat()}


def _moment(at: object) -> str:
    return f"{at:{_MOMENT}} UTC"
