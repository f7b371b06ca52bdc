"""Statements counted on databases against requests of the same window: suspects of queries in a loop."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from upkeep.answer import Finding, Metric, Severity
from upkeep.humanize import share
from upkeep.targets.service import Service
from upkeep.units import Unit
from upkeep.window import Window

_WHOLE = 0.9


@dataclass(frozen=True, slots=True)
class StatementCalls:
    """Calls of a statement, or of all where `query` is None; `seconds` are those in which they were counted."""

    database: str
    query: str | None
    calls: float | None
    seconds: float


def suspects(
    counted: Sequence[StatementCalls], requests: int, window: Window, most: float, most_repeats: float
) -> Iterator[Finding]:
    """Databases with too many statements a request, and single statements that come several times a request."""
    for each in _whole(counted, window):
        per, limit = (each.calls or 0) / requests, most if each.query is None else most_repeats
        if per <= limit:
            continue
        what = "statements" if each.query is None else f"calls of statement {each.query}"
        yield Finding(
            rule="queries_per_request" if each.query is None else "query_in_a_loop",
            object=each.database if each.query is None else f"{each.database} {each.query}",
            severity=Severity.LOW,
            title=f"{per:,.1f} {what} on {each.database} for each request (limit {limit:g})",
            remedy="see query_performance and query_patterns of the database: fetch in one query what is asked row by row (N+1)",
            value=per,
            limit=limit,
            unit=Unit.TIMES,
        )


def metrics_of(counted: Sequence[StatementCalls], requests: int, window: Window) -> Iterator[Metric]:
    """Statements a request, of each database that was counted for the whole window."""
    for each in _whole(counted, window):
        if each.query is None and each.calls is not None:
            per = each.calls / requests
            labels = {"database": each.database}
            yield Metric(
                name="queries_per_request",
                value=per,
                unit=Unit.TIMES,
                labels=labels,
                numerator=each.calls,
                denominator=requests,
                n=requests,
            )


def untold(counted: Sequence[StatementCalls], service: Service, window: Window) -> Iterator[str]:
    """Databases whose statements were not counted for the whole window."""
    measured = {each.database: each.seconds for each in counted if each.query is None}
    for database in service.databases:
        part = min(measured.get(database, 0.0) / window.length.total_seconds(), 1)
        if part < _WHOLE:
            yield f"queries per request of {database} unknown: statements were counted for {share(part)} of the window"


def _whole(counted: Sequence[StatementCalls], window: Window) -> list[StatementCalls]:
    least = _WHOLE * window.length.total_seconds()
    whole = {each.database for each in counted if each.query is None and each.seconds >= least}
    return [each for each in counted if each.database in whole]
