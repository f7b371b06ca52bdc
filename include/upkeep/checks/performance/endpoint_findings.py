"""What is wrong with endpoints: slow, failing, slower or heavier than in the window before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from upkeep.answer import Finding, Severity
from upkeep.humanize import share, span
from upkeep.signals.latency import Percentile
from upkeep.signals.place import EndpointTold
from upkeep.units import Unit

_P95, _MS, _GRAVE = 0.95, 1000, 10


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds of slow_endpoints."""

    max_p95_ms: float
    max_error_rate: float
    min_requests: int
    min_errors: int
    slower_times: float
    slower_ms: float
    heavy_share: float


def slow(told: Sequence[EndpointTold], limits: Limits) -> Iterator[Finding]:
    """Those whose 95th percentile is above the limit, whatever its bounds."""
    for each in told:
        found = _p95(each, limits)
        if found is None or not found.over(limits.max_p95_ms / _MS):
            continue
        yield Finding(
            rule="endpoint_slow",
            object=each.endpoint,
            severity=Severity.MEDIUM,
            title=f"5% of {found.n:,} requests took {found.low_s * _MS:,.0f} ms or longer (limit {limits.max_p95_ms:g} ms)",
            remedy="see its queries and what it waits for; keep what can be kept, and do later what nobody waits for",
            value=found.low_s * _MS,
            limit=limits.max_p95_ms,
            unit=Unit.MILLISECONDS,
        )


def failing(told: Sequence[EndpointTold], limits: Limits) -> Iterator[Finding]:
    """Those that the service fails too often."""
    for each in told:
        rate = each.errors / each.requests if each.requests else 0.0
        if each.errors < limits.min_errors or rate <= limits.max_error_rate:
            continue
        yield Finding(
            rule="endpoint_errors",
            object=each.endpoint,
            severity=Severity.HIGH if rate >= _GRAVE * limits.max_error_rate else Severity.MEDIUM,
            title=f"{each.errors:,} of {each.requests:,} requests failed: {share(rate)} (limit {share(limits.max_error_rate)})",
            remedy="see the service's log for this endpoint, and what was deployed before the first error",
            value=rate,
            limit=limits.max_error_rate,
            unit=Unit.SHARE,
        )


def compared(told: Sequence[EndpointTold], before: Sequence[EndpointTold], limits: Limits) -> Iterator[Finding]:
    """Those that became slower or heavier than in the window before."""
    earlier = {each.endpoint: each for each in before}
    total = sum(each.total_s or 0 for each in told)
    for each in told:
        if each.endpoint in earlier:
            yield from _slower(each, earlier[each.endpoint], limits)
            yield from _heavier(each, earlier[each.endpoint], total, limits)


def _slower(now: EndpointTold, before: EndpointTold, limits: Limits) -> Iterator[Finding]:
    found, old = _p95(now, limits), _p95(before, limits)
    if found is None or old is None:
        return
    limit = max(old.high_s * limits.slower_times, old.high_s + limits.slower_ms / _MS)
    if found.low_s > limit:
        yield Finding(
            rule="endpoint_slower",
            object=now.endpoint,
            severity=Severity.MEDIUM,
            title=f"95th percentile {found.low_s * _MS:,.0f} ms, {old.high_s * _MS:,.0f} ms in the window before",
            remedy="see what was deployed since, and how its queries changed (query_regressions)",
            value=found.low_s * _MS,
            limit=limit * _MS,
            unit=Unit.MILLISECONDS,
        )


def _heavier(now: EndpointTold, before: EndpointTold, total: float, limits: Limits) -> Iterator[Finding]:
    if not now.total_s or not before.total_s or now.requests < limits.min_requests:
        return
    limit = before.total_s * limits.slower_times
    if now.total_s > limit and now.total_s >= limits.heavy_share * total:
        yield Finding(
            rule="endpoint_heavier",
            object=now.endpoint,
            severity=Severity.LOW,
            title=f"takes {span(now.total_s)} in all, {share(now.total_s / total)} of the service's time; "
            f"{span(before.total_s)} in the window before",
            remedy=f"{now.requests:,} requests now, {before.requests:,} before: see who asks more often, or what takes longer",
            value=now.total_s,
            limit=limit,
            unit=Unit.SECONDS,
        )


def _p95(told: EndpointTold, limits: Limits) -> Percentile | None:
    return next((each for each in told.latency if each.share == _P95 and each.n >= limits.min_requests), None)
