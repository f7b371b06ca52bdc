"""What statements cost since the last run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import History, check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.sources.statement_work import Span, Work, since
from upkeep.sources.statements import STATEMENTS, Text, look, texts
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

DAY = timedelta(days=1)
PLOTTED = 50
SHOWN = 20
# A longer span is no day: its sums would stand out in every plot.
LONGEST_PLOTTED = timedelta(hours=36)
GB = 1e9
VERY_SLOW = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too much; amounts are for a day and grow with longer spans, but never shrink with shorter ones."""

    slow_mean_ms: float
    slow_calls: float
    busy_sessions: float
    temp_gb: float
    wal_gb: float


@dataclass(frozen=True, slots=True)
class Problem:
    """One statement above one limit; `excess` continues a sentence that begins with its text."""

    work: Work
    rule: str
    excess: str
    value: float
    limit: float
    unit: Unit
    severity: Severity = Severity.MEDIUM


@check(Cadence.DAILY, owner="database", needs=(MONITOR, STATEMENTS))
def query_performance(
    db: Database,
    pg: Postgres,
    history: History,
    *,
    min_span_minutes: float = 10,
    slow_mean_ms: float = 200,
    slow_calls: float = 100,
    busy_sessions: float = 1.0,
    temp_gb_per_day: float = 20,
    wal_gb_per_day: float = 100,
    turnovers_per_day: float = 1.0,
) -> Answer:
    """
    Statements that cost most: slow ones, those that keep a session busy all day, and those that write most temp files or WAL.

    Reads the difference of pg_stat_statements to the last run (at first: since its last reset), for this database and all roles,
    Upkeep's own included. Planning is not counted. Entries that the server had to drop, because more kinds of statements run than
    pg_stat_statements.max, lose their work: a whole turnover a day makes the figures a lower bound, which is a finding. A span
    shorter than ten minutes is not judged: one checkpoint or one report can fill it.
    """
    now = look(pg)
    span = since(history.state(), now)
    if span is None or span.length < timedelta(minutes=min_span_minutes):
        return Answer.unknown(*_too_early(span, min_span_minutes), state=now.state() if not history.state() else None)
    days = max(1.0, span.length / DAY)
    limits = Limits(slow_mean_ms, slow_calls * days, busy_sessions, temp_gb_per_day * days, wal_gb_per_day * days)
    problems = [problem for work in span.work for problem in _problems(work, span, limits)]
    known = texts(pg, {w.queryid for w in span.work[:SHOWN]} | {p.work.queryid for p in problems})
    findings = [_finding(p, known.get(p.work.queryid), pg.version) for p in problems]
    return Answer.judged(
        _summary(span),
        findings=[*findings, *_evictions(span, turnovers_per_day * days)],
        metrics=_metrics(span) if span.length <= LONGEST_PLOTTED else (),
        evidence=_evidence(span, known, history),
        state=now.state(),
    )


def _too_early(span: Span | None, minutes: float) -> tuple[str, str]:
    if span is None:
        return "first look: this version does not say since when it counts; the next run can compare", ""
    seen = span.length.total_seconds() / 60
    return f"counted for {seen:.1f} minutes only, at least {minutes:g} are needed", "ask again later"


def _summary(span: Span) -> str:
    hours, calls = span.length.total_seconds() / 3600, sum(w.calls for w in span.work)
    whence = "since the last reset" if span.first else "since the last run"
    top = span.work[0] if span.work else None
    dearest = f"; dearest takes {top.total_ms / span.total_ms:.0%}" if top and span.total_ms else ""
    counted = f"{plural(len(span.work), 'kind')} of statements, {plural(calls, 'call')}"
    return f"{counted}, {span.total_ms / 1000:,.1f} s in {hours:.1f} h {whence}{dearest}"


def _problems(work: Work, span: Span, limits: Limits) -> Iterator[Problem]:
    if work.mean_ms >= limits.slow_mean_ms and work.calls >= limits.slow_calls:
        mean = f"{work.mean_ms:,.0f} ms on average over {plural(work.calls, 'call')}"
        excess = f"takes {mean} (limit {limits.slow_mean_ms:,.0f} ms)"
        severity = Severity.HIGH if work.mean_ms >= VERY_SLOW * limits.slow_mean_ms else Severity.MEDIUM
        yield Problem(work, "statement_slow", excess, work.mean_ms, limits.slow_mean_ms, Unit.MILLISECONDS, severity)
    busy = work.total_ms / 1000 / span.length.total_seconds()
    if busy >= limits.busy_sessions:
        excess = f"keeps {busy:.2f} sessions busy all the time (limit {limits.busy_sessions:g})"
        yield Problem(work, "statement_busy", excess, busy, limits.busy_sessions, Unit.COUNT)
    for rule, what, written, limit in (
        ("statement_temp_files", "temporary files", work.temp_bytes, limits.temp_gb),
        ("statement_wal", "WAL", work.wal_bytes, limits.wal_gb),
    ):
        if written >= limit * GB:
            excess = f"wrote {written / GB:,.1f} GB of {what} in {span.length / DAY:.1f} days (limit {limit:,.1f} GB)"
            yield Problem(work, rule, excess, float(written), limit * GB, Unit.BYTES)


_ADVICE = {
    "statement_slow": "see which step of its plan takes the time; an index or a rewrite usually helps",
    "statement_busy": "see who calls it so often and whether the result can be kept; then its plan",
    "statement_temp_files": "see which sort or hash of its plan spills; give its role more work_mem, or an index that sorts",
    "statement_wal": "see whether it updates rows that do not change, or writes in small commits; drop indexes nobody reads",
}


def _finding(p: Problem, text: Text | None, version: int) -> Finding:
    query, roles = (text.text, list(text.roles)) if text else ("(its text is gone)", [])
    return Finding(
        rule=p.rule,
        object=str(p.work.queryid),
        severity=p.severity,
        title=f"{query[:80]} {p.excess}",
        remedy=f"-- {_ADVICE[p.rule]}\n{_explain(query, version)}",
        value=p.value,
        limit=p.limit,
        unit=p.unit,
        details={"query": query, "roles": roles, "calls": p.work.calls, "mean_ms": round(p.work.mean_ms, 3)},
    )


def _explain(query: str, version: int) -> str:
    if version >= 16:  # noqa: PLR2004 - the major that brought generic_plan
        return f"explain (generic_plan, costs) {query};"
    return f"explain {query}; -- with real values for the constants"


def _evictions(span: Span, limit: float) -> list[Finding]:
    if span.turnover is None or span.turnover < limit:
        return []
    return [
        Finding(
            rule="statements_evicted",
            object="pg_stat_statements",
            severity=Severity.LOW,
            title=f"pg_stat_statements dropped {span.turnover:.1f} times its size (limit {limit:.1f}): figures are a lower bound",
            remedy="alter system set pg_stat_statements.max = 20000; -- then restart; look for unbounded lists of constants",
            value=span.turnover,
            limit=limit,
            unit=Unit.TIMES,
        )
    ]


def _metrics(span: Span) -> Iterator[Metric]:
    yield Metric(name="statements_span", value=span.length.total_seconds(), unit=Unit.SECONDS)
    yield Metric(name="statements_total_ms", value=span.total_ms, unit=Unit.MILLISECONDS, n=sum(w.calls for w in span.work))
    yield Metric(name="statements_calls", value=sum(w.calls for w in span.work), unit=Unit.COUNT)
    if span.turnover is not None:
        yield Metric(name="statements_turnover", value=span.turnover, unit=Unit.TIMES)
    for work in span.work[:PLOTTED]:
        label = {"query": str(work.queryid)}
        yield Metric(name="statement_total_ms", value=work.total_ms, unit=Unit.MILLISECONDS, labels=label, n=work.calls)
        yield Metric(name="statement_calls", value=work.calls, unit=Unit.COUNT, labels=label)
        yield Metric(name="statement_rows", value=work.rows, unit=Unit.COUNT, labels=label)
        yield Metric(name="statement_temp_bytes", value=work.temp_bytes, unit=Unit.BYTES, labels=label)
        yield Metric(name="statement_wal_bytes", value=work.wal_bytes, unit=Unit.BYTES, labels=label)


def _evidence(span: Span, known: Mapping[int, Text], history: History) -> Mapping[str, Any]:
    new = () if span.first else [w for w in span.work if w.new]
    return {
        "begin": span.begin.isoformat(),
        "end": span.end.isoformat(),
        "turnover": span.turnover,
        "dearest": [_row(w, known.get(w.queryid)) for w in span.work[:SHOWN]],
        "new": [str(w.queryid) for w in new[:SHOWN]],
        "new_count": len(new),
        "gone": _gone(span.work, history)[:SHOWN],
    }


def _row(work: Work, text: Text | None) -> Mapping[str, Any]:
    return {
        "query": str(work.queryid),
        "text": text.text if text else None,
        "roles": list(text.roles) if text else [],
        "total_ms": round(work.total_ms, 3),
        "mean_ms": round(work.mean_ms, 3),
        "calls": work.calls,
        "rows": work.rows,
        "temp_bytes": work.temp_bytes,
        "wal_bytes": work.wal_bytes,
        "new": work.new,
    }


def _gone(work: Sequence[Work], history: History) -> list[str]:
    """Statements among the dearest of the run before that did not run at all now, dearest first."""
    earlier = history.metrics("statement_total_ms", 8)
    last = max((m.at for m in earlier if m.at), default=None)
    present = {str(w.queryid) for w in work}
    gone = [m for m in earlier if m.at == last and m.labels["query"] not in present]
    return [m.labels["query"] for m in sorted(gone, key=lambda m: (-m.value, m.labels["query"]))]
