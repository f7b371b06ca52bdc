"""How often, how fast and how well changes get into production."""

from collections.abc import Iterator

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.delivery.imported import demand_imported
from upkeep.delivery.flow import Flow, Live, Ratio, flow_of, quantile
from upkeep.duty import check
from upkeep.humanize import plural, span
from upkeep.sources.rows import Rows
from upkeep.stats.proportions import Share, wilson
from upkeep.targets.service import Service
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_HOUR = 3600.0


@check(Cadence.WEEKLY, owner="delivery")
def flow(
    service: Service,
    rows: Rows,
    window: Window,
    *,
    environment: str = "production",
    most_fail_rate: float = 0.15,
    most_lead_hours: float = 168,
    most_recovery_hours: float = 24,
) -> Answer:
    """
    How often, how fast and how well changes get into production.

    Five numbers of DORA: deployments without a failure a day; change lead time from commit to production (median and 90 %, of
    these deployments, since the first has no changes); change fail rate, of distinct deployments that went live; recovery time
    from the moment when a failed deployment was live to the next one without a failure; rework rate, of those of which it is
    known. A failure is a rollback, a failure after the success, or a mark, as known at the window's end. Nothing deployed is
    unknown, not 0 h.
    """
    demand_imported(rows, service, window, environment)
    about = {"service": service.name, "environment": environment, "start": window.start, "end": window.end}
    found = flow_of(rows(__file__, Live, about), window)
    metrics = list(_metrics(found))
    if not found.fails.of and not found.recoveries:
        return Answer.unknown(
            f"nothing went live in {environment}: there is no lead time and no rate of nothing", metrics=metrics
        )
    findings = [*_fails(found, environment, most_fail_rate), *_times(found, environment, most_lead_hours, most_recovery_hours)]
    return Answer.judged(_summary(found), findings=findings, metrics=metrics, evidence=_evidence(found))


def _metrics(found: Flow) -> Iterator[Metric]:
    good = len(found.good)
    yield Metric(
        name="deployment_frequency",
        value=good / found.days,
        unit=Unit.COUNT_PER_DAY,
        numerator=good,
        denominator=found.days,
        n=good,
    )
    times = (("change_lead_time", found.leads, (0.5, 0.9)), ("failed_deployment_recovery", found.recoveries, (0.5,)))
    for name, values, shares in times:
        for share in shares if values else ():
            labels = {"quantile": f"{share:g}"}
            yield Metric(name=name, value=quantile(values, share), unit=Unit.SECONDS, labels=labels, n=len(values))
    for name, ratio in (("change_fail_rate", found.fails), ("deployment_rework_rate", found.rework)):
        if ratio.of:
            yield Metric(
                name=name, value=ratio.hits / ratio.of, unit=Unit.SHARE, numerator=ratio.hits, denominator=ratio.of, n=ratio.of
            )


def _summary(found: Flow) -> str:
    lead = (
        f"lead time {span(quantile(found.leads, 0.5))} (90 %: {span(quantile(found.leads, 0.9))})"
        if found.leads
        else "lead time unknown"
    )
    recovery = f"recovery {span(quantile(found.recoveries, 0.5))}" if found.recoveries else "no recovery"
    parts = [
        f"{plural(len(found.good), 'good deployment')}, {len(found.good) / found.days:.2f} a day",
        lead,
        f"{_said(found.fails)} failed",
        recovery,
        f"rework {_said(found.rework)}",
    ]
    return ", ".join(parts)


def _said(ratio: Ratio) -> str:
    return f"{ratio.hits} of {ratio.of}" if ratio.of else "unknown"


def _evidence(found: Flow) -> dict[str, object]:
    return {
        "failed": [f"{each.deployment}: {each.failed_why}" for each in found.failed],
        "not recovered yet": found.unrecovered,
        "changes": len(found.leads),
        "deployments whose changes nobody knows": found.untold,
        "commits younger than their deployment": found.backward,
    }


def _fails(found: Flow, environment: str, most: float) -> Iterator[Finding]:
    """The rate is told when even the lower end of its interval (95 %) is above the limit: one of two is no rate."""
    rate = found.fails
    if not rate.of or wilson(Share(rate.hits, rate.of), 0.95)[0] <= most:
        return
    yield Finding(
        rule="change_fail_rate",
        object=environment,
        severity=Severity.MEDIUM,
        title=f"{rate.hits} of {rate.of} deployments failed ({rate.hits / rate.of:.0%}, limit {most:.0%})".replace("%", " %"),
        remedy="see the evidence for which and why; smaller changes, and the test that would have caught each",
        value=rate.hits / rate.of,
        limit=most,
        unit=Unit.SHARE,
    )


def _times(found: Flow, environment: str, most_lead: float, most_recovery: float) -> Iterator[Finding]:
    rules = (
        (
            "lead_time",
            found.leads,
            most_lead,
            "half of the changes took",
            "see where they waited: review, tests, or the deployment",
        ),
        (
            "recovery_time",
            found.recoveries,
            most_recovery,
            "half of the failed deployments were live for",
            "make rolling back quick",
        ),
    )
    for rule, values, hours, what, remedy in rules:
        if values and (middle := quantile(values, 0.5)) > hours * _HOUR:
            yield Finding(
                rule=rule,
                object=environment,
                severity=Severity.LOW,
                title=f"{what} {span(middle)} or more (limit {span(hours * _HOUR)})",
                remedy=remedy,
                value=middle,
                limit=hours * _HOUR,
                unit=Unit.SECONDS,
            )
