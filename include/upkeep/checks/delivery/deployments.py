"""What was deployed, by whom, how it went, and the signals before and after."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.delivery.imported import demand_imported
from upkeep.checks.delivery.service_minutes import seen_minutes
from upkeep.delivery.beside import before_and_after, counted
from upkeep.delivery.effect import Asked, DeploymentEffect, Effect, Verdict, effect_of
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.rows import Rows
from upkeep.targets.service import Service
from upkeep.units import Unit
from upkeep.window import Cadence, Window


@dataclass(frozen=True, slots=True)
class Ended:
    """One deployment as it stood at the window's end, `live` or not; the fields are the columns of the question."""

    deployment: str
    version: str | None
    started_at: datetime
    finished_at: datetime
    status: str
    live: bool
    deployed_by: str | None
    url: str | None

    @property
    def text(self) -> str:
        """Which, what and who."""
        what = f" ({self.version})" if self.version and self.version != self.deployment else ""
        return f"{self.deployment}{what}" + (f" by {self.deployed_by}" if self.deployed_by else "")


Told = tuple[Ended, Effect, DeploymentEffect]


@check(Cadence.DAILY, owner="delivery", after=("import_deployments", "golden_signals"))
def deployments(
    service: Service,
    rows: Rows,
    window: Window,
    *,
    environment: str = "production",
    minutes: int = 60,
    confidence: float = 0.99,
    least_requests: int = 200,
    least_events: int = 5,
    errors_effect: float = 0.001,
    slow_effect: float = 0.02,
    high_errors_effect: float = 0.05,
) -> Answer:
    """
    What was deployed, by whom, how it went, and the signals before and after.

    Errors and slow answers in the `minutes` before a deployment began and after it was live are compared by their counts: the
    two-proportion z test, with Newcombe's interval of the difference. A verdict needs `least_requests` on both sides,
    `least_events`, and a change that matters. Another deployment that went live, or was running at the window's end, cuts the
    span and is named, as is an outage in it; minutes that nobody saw are unknown. Each deployment is told once, in the window in
    which its minutes after ended. Requests of one cause fail together, so that the interval is rather too narrow.
    """
    demand_imported(rows, service, window, environment)
    span = timedelta(minutes=minutes)
    about = {"service": service.name, "environment": environment, "since": window.start - 2 * span - timedelta(days=1)}
    found = rows(__file__, Ended, {**about, "end": window.end})
    asked = Asked(confidence, least_requests, least_events, errors_effect, slow_effect)
    near = [each for each in found if each.live or each.status == "running"]
    due = [each for each in near if each.live and window.start <= each.finished_at + span < window.end]
    told = [_told(each, near, rows, service.name, environment, window, minutes, asked) for each in due]
    ended = [each for each in found if each.finished_at >= window.start and each.status != "running"]
    return _answer(ended, told, environment, high_errors_effect)


def _told(
    it: Ended, near: Sequence[Ended], rows: Rows, service: str, environment: str, window: Window, minutes: int, asked: Asked
) -> Told:
    before, after, cut = before_and_after(it, [other for other in near if other is not it], minutes)
    seen = seen_minutes(rows, service, (before, after), window)
    counts = (counted(before, seen), counted(after, seen))
    effect = effect_of(*counts, asked)
    if counts[1].outage is not None:
        effect = replace(effect, reason=f"{effect.reason}; an outage after it from {counts[1].outage:%H:%M} UTC")
    others = [other.deployment for other in cut if isinstance(other, Ended)]
    return it, effect, DeploymentEffect.of((environment, it.deployment), effect, (before, after), counts, others)


def _answer(ended: Sequence[Ended], told: Sequence[Told], environment: str, high: float) -> Answer:
    failed = [each for each in ended if each.status == "failed"]
    over = [each for each in ended if each.status != "cancelled"]
    counts = {verdict: sum(effect.verdict is verdict for _, effect, _ in told) for verdict in Verdict}
    summary = f"{plural(len(ended), 'deployment')} to {environment}, {len(failed)} failed; compared: " + (
        ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count) or "none"
    )
    findings = [_failed(each, environment) for each in failed]
    findings += [_worse(each, effect, row, high) for each, effect, row in told if effect.verdict is Verdict.WORSE]
    metrics = [Metric(name="deployments", value=len(ended), unit=Unit.COUNT), *_success(len(over), len(over) - len(failed))]
    evidence = {
        "deployments": [each.text for each in ended],
        "unknown": [f"{e.text}: {f.reason}" for e, f, _ in told if f.verdict is Verdict.UNKNOWN],
    }
    records = [row for _, _, row in told]
    if not findings and counts[Verdict.UNKNOWN]:
        unknown = Answer.unknown(f"{summary}; {evidence['unknown'][0]}", metrics=metrics)
        return replace(unknown, records=tuple(records), evidence=evidence)
    return Answer.judged(summary, findings=findings, metrics=metrics, records=records, evidence=evidence)


def _success(ended: int, well: int) -> list[Metric]:
    if not ended:
        return []
    share = well / ended
    return [Metric(name="deployment_success", value=share, unit=Unit.SHARE, numerator=well, denominator=ended, n=ended)]


def _failed(it: Ended, environment: str) -> Finding:
    return Finding(
        rule="failed_deployment",
        object=f"{environment}/{it.deployment}",
        severity=Severity.MEDIUM,
        title=f"deployment {it.text} to {environment} failed at {it.finished_at:%Y-%m-%d %H:%M} UTC",
        remedy=f"see {it.url or 'its log'}; deploy again once its cause is gone",
    )


def _worse(it: Ended, effect: Effect, row: DeploymentEffect, high: float) -> Finding:
    near = f"; near it: {', '.join(row.others)}" if row.others else ""
    return Finding(
        rule="worse_deployment",
        object=f"{row.environment}/{it.deployment}",
        severity=Severity.HIGH if effect.errors and effect.errors.value >= high else Severity.MEDIUM,
        title=f"after deployment {it.text}: {effect.reason}{near}",
        remedy="look at what it changed; roll it back, or mark it: upkeep deployment add … --failed-at … --failed-why …",
        value=effect.errors.value if effect.errors else None,
        unit=Unit.SHARE if effect.errors else None,
        details={
            "before": f"{row.before_errors} of {row.before_requests}",
            "after": f"{row.after_errors} of {row.after_requests}",
        },
    )
