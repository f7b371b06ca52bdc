"""What runs otherwise than the week before: new and vanished queries, loops of small ones, large tables read whole, plans."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from upkeep.answer import Answer, Finding, Metric
from upkeep.checks.database.pattern_findings import Limits, Week, changes, got_worse, loops, scans
from upkeep.checks.database.pattern_shapes import CHANGED, NEW, REMEMBERED, STEADY, VANISHED, compared, shapes_of
from upkeep.checks.database.plan_history import Kept, newest_plans, skeleton, worse
from upkeep.checks.database.traffic import Scanned, Traffic, traffic
from upkeep.duty import History, check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.sources.rows import Rows
from upkeep.sources.statement_work import Span, since
from upkeep.sources.statements import STATEMENTS, look, texts
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

MB = 1e6
STORED = 100
HOUR = timedelta(hours=1)


@check(Cadence.WEEKLY, owner="database", needs=(MONITOR, STATEMENTS))
def query_patterns(
    db: Database,
    pg: Postgres,
    history: History,
    rows: Rows,
    *,
    min_span_hours: float = 24,
    costly_share: float = 0.1,
    least_seconds: float = 60,
    changed_times: float = 10,
    loop_calls: float = 10_000,
    loop_per_transaction: float = 5,
    scans_per_day: float = 50,
    large_mb: float = 1000,
) -> Answer:
    """
    Queries that came, went or run otherwise since last week, loops of small ones, and large tables read whole.

    Compares pg_stat_statements with the look of the week before, by the text of a query, since ids change when a table is made
    anew. The first look, a reset, an upgrade and a whole turnover of evictions are told apart: then nothing counts as new or
    gone. A query is costly from `costly_share` of all time and `least_seconds` on. A loop is a small query that runs
    `loop_per_transaction` times for each transaction of the database; a loop outside of transactions cannot be told from
    traffic. A plan got worse where a relation that was read by an index is read whole, by the plans that slow_queries kept.
    """
    now, flow, state = look(pg), traffic(pg), history.state() or {}
    span = since(state.get("statements"), now)
    if state and (span is None or span.length < HOUR * min_span_hours):
        return Answer.unknown(f"less than {min_span_hours:g} hours since the last look: nothing is compared yet")
    week = _week(pg, span, flow, state, changed_times) if span else None
    if not state or week is None:
        return Answer.unknown("first look: the next one can compare", state=_state(now.state(), flow, week, {}))
    plans = newest_plans(rows, db.name, week.span.begin, week.span.end)
    scanned = list(flow.scanned(state["traffic"])) if flow.continues(state["traffic"]) else []
    findings = [
        *changes(week, Limits(costly_share, least_seconds)),
        *loops(week, loop_calls * max(week.days / 7, 1), loop_per_transaction),
        *(f for each in scanned for f in scans(each, scans_per_day * week.days, large_mb * MB)),
        *(got_worse(each) for each in worse(state["plans"], plans)),
    ]
    return _answer(week, scanned, findings, _state(now.state(), flow, week, _kept(state, plans)))


def _kept(state: Mapping[str, Any], plans: Mapping[str, Kept]) -> dict[str, Any]:
    """How plans read their relations: as remembered, and the newest."""
    return {**state["plans"], **{shape: skeleton(plan.plan) for shape, plan in plans.items()}}


def _answer(week: Week, scanned: Sequence[Scanned], findings: Sequence[Finding], remembered: Mapping[str, Any]) -> Answer:
    if week.apart and not findings:
        return Answer.unknown(_summary(week, scanned), state=remembered)
    return Answer.judged(
        _summary(week, scanned),
        findings=findings,
        metrics=list(_metrics(week)),
        records=sorted(week.patterns, key=lambda pattern: pattern.kind == STEADY)[:STORED],
        evidence={"begin": week.span.begin.isoformat(), "end": week.span.end.isoformat(), "not_compared": week.apart},
        state=remembered,
    )


def _week(pg: Postgres, span: Span, flow: Traffic, state: Mapping[str, Any], times: float) -> Week:
    dearest = [work.queryid for work in span.work[:REMEMBERED]]
    often = [work.queryid for work in sorted(span.work, key=lambda work: -work.calls)[:REMEMBERED]]
    apart = _why_apart(span, flow, state)
    # Calls and transactions must be of the same time.
    counted = bool(state) and not span.first and flow.continues(state["traffic"])
    transactions = flow.transactions - state["traffic"]["transactions"] if counted else None
    shapes = shapes_of(span, texts(pg, {*dearest, *often}))
    patterns = compared(shapes, None if apart else state["shapes"], span.length / HOUR, transactions, times)
    return Week(span, list(patterns), apart)


def _why_apart(span: Span, flow: Traffic, state: Mapping[str, Any]) -> str:
    """Why this span is not compared with the one before; empty when it is."""
    if not state:
        return "first look"
    if state["major"] != flow.major:
        return f"the server was upgraded from {state['major']} to {flow.major}"
    if span.first:
        return "pg_stat_statements was reset"
    if span.turnover is not None and span.turnover >= 1:
        return f"pg_stat_statements dropped {span.turnover:.1f} times its size: raise pg_stat_statements.max"
    return "" if state["shapes"] else "the look before had nothing to compare with"


def _summary(week: Week, scanned: Sequence[Scanned]) -> str:
    message = f"{plural(len(week.patterns), 'shape')} of queries in {week.days:.1f} days"
    if week.apart:
        return f"{message}, not compared: {week.apart}"
    kinds = ", ".join(f"{len(week.of(kind))} {kind}" for kind in (NEW, VANISHED, CHANGED))
    return f"{message}: {kinds}; {plural(len(scanned), 'table')} scanned"


def _metrics(week: Week) -> Iterator[Metric]:
    for kind in (NEW, VANISHED, CHANGED):
        yield Metric(name="query_shapes", value=len(week.of(kind)), unit=Unit.COUNT, labels={"kind": kind})


def _state(statements: Any, flow: Traffic, week: Week | None, plans: Mapping[str, Any]) -> dict[str, Any]:
    """What the next look compares with: shapes by the hour, counters, and how plans read their relations."""
    kept = [pattern for pattern in week.patterns if pattern.calls][:REMEMBERED] if week else []
    hours = week.span.length / HOUR if week else 1.0
    shapes = {p.shape: [p.text, p.calls / hours, p.total_ms / hours, p.rows / hours] for p in kept}
    newest = dict(list(plans.items())[-REMEMBERED:])
    return {"statements": statements, "traffic": flow.state(), "major": flow.major, "shapes": shapes, "plans": newest}
