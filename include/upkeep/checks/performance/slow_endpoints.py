"""Endpoints of services that are slow, fail, or became slower."""

from collections.abc import Iterator, Sequence

from upkeep.answer import Answer, Metric
from upkeep.checks.performance.endpoint_findings import Limits, compared, failing, slow
from upkeep.checks.performance.endpoint_row import ServiceEndpoint
from upkeep.checks.performance.queries_per_request import StatementCalls, metrics_of, suspects, untold
from upkeep.duty import check
from upkeep.errors import CannotAskError
from upkeep.humanize import plural, share, span
from upkeep.signals.place import EndpointTold, Signals
from upkeep.sources.rows import Rows
from upkeep.targets.service import Service
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_SHOWN = 20
_WHOLE = 0.9
_REMEDY = "see whether the service was down, or its source was away or kept less"
_NOT_COMPARED = "not compared: the window before is not kept"


@check(Cadence.WEEKLY, owner="performance")
def slow_endpoints(
    service: Service,
    signals: Signals,
    rows: Rows,
    window: Window,
    *,
    max_p95_ms: float = 1000,
    max_error_percent: float = 1,
    min_requests: int = 100,
    min_errors: int = 5,
    slower_times: float = 1.5,
    slower_ms: float = 100,
    heavy_share: float = 0.1,
    max_queries: float = 20,
    max_repeats: float = 5,
    least_coverage: float = 0.5,
) -> Answer:
    """
    Endpoints of services that are slow, fail, or became slower.

    Each is judged by its own 95th percentile and errors, and against its own window before: a service that looks well as a whole
    may have one page that nobody can use. One with `heavy_share` of all time and `slower_times` that of before is heavier. Fewer
    than `min_requests` requests or `min_errors` errors are judged by nobody. More than `max_queries` statements a request on its
    databases, or `max_repeats` calls of one, are suspected to be queries in a loop (N+1), or those of somebody else.
    """
    seen = signals.endpoints(window)
    coverage, told = seen.coverage, seen.each
    requests = sum(each.requests for each in told)
    if coverage < least_coverage or not requests:
        return Answer.unknown(f"{share(coverage)} of the minutes seen, {plural(requests, 'request')}", _REMEDY)
    limits = Limits(max_p95_ms, max_error_percent / 100, min_requests, min_errors, slower_times, slower_ms, heavy_share)
    before, calls = _before(signals, window), _calls(rows, service, window)
    loops = suspects(calls, requests, window, max_queries, max_repeats)
    notes = [_NOT_COMPARED] if before is None else []
    return Answer.judged(
        "; ".join([_said(told, requests), *notes, *untold(calls, service, window)]),
        findings=[*slow(told, limits), *failing(told, limits), *compared(told, before or (), limits), *loops],
        metrics=[*_metrics(told, requests), *metrics_of(calls, requests, window)],
        records=[ServiceEndpoint.of(each) for each in told],
    )


def _before(signals: Signals, window: Window) -> Sequence[EndpointTold] | None:
    """The window before, from the same place: the same whenever it is asked for. None when not all of it is kept."""
    earlier = Window(window.start - window.length, window.start)
    try:
        kept = signals.endpoints(earlier)
    except CannotAskError:
        return None
    return kept.each if kept.coverage >= _WHOLE else None


def _calls(rows: Rows, service: Service, window: Window) -> list[StatementCalls]:
    params = {"databases": list(service.databases), "start": window.start, "end": window.end}
    return rows(__file__, StatementCalls, params) if service.databases else []


def _said(told: Sequence[EndpointTold], requests: int) -> str:
    text = f"{plural(requests, 'request')} to {plural(len(told), 'endpoint')}"
    heaviest = max((each for each in told if each.total_s), key=lambda each: each.total_s or 0, default=None)
    if heaviest is None or heaviest.total_s is None:
        return f"{text}, whose time is not known"
    total = sum(each.total_s or 0 for each in told)
    return f"{text}; {share(heaviest.total_s / total)} of {span(total)} by {heaviest.endpoint}"


def _metrics(told: Sequence[EndpointTold], requests: int) -> Iterator[Metric]:
    yield Metric(name="endpoints", value=len(told), unit=Unit.COUNT, n=requests)
    timed = [each for each in told if each.total_s is not None]
    for each in sorted(timed, key=lambda each: (-(each.total_s or 0), each.endpoint))[:_SHOWN]:
        labels = {"endpoint": each.endpoint}
        yield Metric(name="endpoint_total", value=each.total_s or 0, unit=Unit.SECONDS, labels=labels, n=each.requests)
        for percentile in each.latency:
            if percentile.share == 0.95:  # noqa: PLR2004 - the one that is judged
                yield Metric(name="endpoint_p95", value=percentile.best_s, unit=Unit.SECONDS, labels=labels, n=percentile.n)
