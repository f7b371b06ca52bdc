"""Requests, errors and latency of services over a day."""

from collections.abc import Iterator
from dataclasses import replace

from upkeep.answer import Answer, Finding, Severity
from upkeep.checks.service.golden_signals_said import MS, metrics, said
from upkeep.duty import check
from upkeep.humanize import plural, share
from upkeep.signals.latency import Percentile
from upkeep.signals.place import Signals, Told
from upkeep.signals.records import GoldenSignal, hours
from upkeep.targets.service import Service
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_TEN, _P95 = 10, 0.95


@check(Cadence.DAILY, owner="service")
def golden_signals(
    service: Service,
    signals: Signals,
    window: Window,
    *,
    max_error_percent: float = 0.1,
    max_p95_ms: float = 500,
    min_errors: int = 5,
    min_requests: int = 100,
    low_coverage: float = 0.95,
    least_coverage: float = 0.5,
) -> Answer:
    """
    Requests, errors and latency of services over a day.

    Errors are counted, not averaged: requests that the service failed (5xx) against all. What clients sent wrongly (4xx) or gave
    up (499) is counted apart. The 95th percentile is known as well as its source keeps it: where a histogram's bucket lies on
    both sides of the limit, it cannot be told. Fewer than `min_errors` errors, or times of fewer than `min_requests` requests,
    are judged by nobody. A minute that nobody saw is unknown and not quiet: below `low_coverage` of the minutes that is said,
    below `least_coverage` the answer is unknown, and so it is without any request, since an outage looks the same.
    """
    told = signals.tell(window, service.slow)
    p95 = next((each for each in told.latency if each.share == _P95 and each.n >= min_requests), None)
    findings = [*_errors(told, max_error_percent / 100, min_errors), *_slow(p95, max_p95_ms)]
    records = (GoldenSignal.of(told, service.slow), *hours(told.minutes))
    text = said(told, low_coverage)
    reason, remedy = _untold(told, p95, max_p95_ms, least_coverage, found=bool(findings))
    if reason:
        unknown = Answer.unknown(f"{reason}: {text}", remedy, metrics=metrics(told))
        return replace(unknown, records=records)
    return Answer.judged(text, findings=findings, metrics=metrics(told), records=records, evidence={"notes": list(told.notes)})


def _untold(told: Told, p95: Percentile | None, max_p95_ms: float, least: float, *, found: bool) -> tuple[str, str]:
    """Why nothing is known, and what to do; empty when something is."""
    minutes = told.minutes
    if minutes.coverage < least:
        reason = f"{minutes.seen} of {plural(len(minutes.each), 'minute')} seen"
        return reason, "see whether the service was down, or its source was away or kept less"
    if not minutes.total.requests:
        return "no request in the minutes that were seen", "see whether requests reach it, and whether its source counts them"
    if p95 and not found and p95.over(max_p95_ms / MS) is None:
        reason = f"the 95th percentile cannot be told from {max_p95_ms:g} ms"
        return reason, f"give the histogram a bucket that ends at {max_p95_ms / MS:g} s"
    return "", ""


def _errors(told: Told, limit: float, least: int) -> Iterator[Finding]:
    total = told.minutes.total
    rate = total.errors / total.requests if total.requests else 0.0
    if total.errors < least or rate <= limit:
        return
    yield Finding(
        rule="error_rate",
        object="requests",
        severity=Severity.HIGH if rate >= _TEN * limit else Severity.MEDIUM,
        title=f"{total.errors:,} of {total.requests:,} requests failed: {share(rate)} (limit {share(limit)})",
        remedy="see the endpoints and deployments of the hours with errors, and the service's log",
        value=rate,
        limit=limit,
        unit=Unit.SHARE,
    )


def _slow(p95: Percentile | None, limit_ms: float) -> Iterator[Finding]:
    if p95 is None or not p95.over(limit_ms / MS):
        return
    yield Finding(
        rule="slow",
        object="p95",
        severity=Severity.MEDIUM,
        title=f"5% of {p95.n:,} requests took {p95.low_s * MS:,.0f} ms or longer (limit {limit_ms:g} ms)",
        remedy="see its slow endpoints, their queries, and what was deployed",
        value=p95.low_s * MS,
        limit=limit_ms,
        unit=Unit.MILLISECONDS,
    )
