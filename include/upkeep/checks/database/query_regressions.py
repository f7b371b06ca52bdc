"""Statements that became slower than they usually are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import History, check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.sources.statement_work import Span, Work, since
from upkeep.sources.statements import STATEMENTS, Text, look, texts
from upkeep.stats.regression import Sample, Usual, missing_days, usual
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

FOLLOWED = 100
REMEMBERED = 1000
LONGEST_DAY = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Slower:
    """A statement and how it compares with its history."""

    work: Work
    usual: Usual
    limit_ms: float

    @property
    def times(self) -> float:
        """How many times slower than usual."""
        return self.work.mean_ms / self.usual.centre

    @property
    def extra_s(self) -> float:
        """Seconds that the slowdown cost in this span."""
        return (self.work.mean_ms - self.usual.centre) * self.work.calls / 1000


@check(Cadence.DAILY, owner="database", needs=(MONITOR, STATEMENTS))
def query_regressions(
    db: Database,
    pg: Postgres,
    history: History,
    *,
    min_span_minutes: float = 10,
    min_calls: int = 20,
    same_weekdays: int = 3,
    any_days: int = 7,
    weeks: int = 8,
    sigmas: float = 4.0,
    min_extra_seconds: float = 10,
    high_times: float = 5.0,
) -> Answer:
    """
    Statements whose mean time is above the history of the same weekday by more than its own noise.

    The mean of each of the 100 dearest statements that ran often enough is compared with its median on at least three same
    weekdays of the last eight weeks, else on at least seven days of any kind. Slower means: beyond four sigmas of its noise,
    never less than about half as slow again, and costing at least ten seconds in total. Until a statement has
    such a history it is not judged, and while none has, the answer is unknown.
    """
    now, remembered = look(pg), history.state()
    span = since(remembered, now)
    if span is None or span.length < timedelta(minutes=min_span_minutes):
        return _too_early(span, min_span_minutes, None if remembered else now.state(REMEMBERED))
    followed = [w for w in span.work if w.calls >= min_calls][:FOLLOWED]
    metrics = [_metric(w) for w in followed] if span.length <= LONGEST_DAY else []
    past = _past(history.metrics("statement_mean_ms", weeks * 7 + 1))
    compared = _compared(followed, past, now.at, same_weekdays=same_weekdays, any_days=any_days, sigmas=sigmas)
    if followed and not compared:
        reason = _no_history(len(followed), [at for samples in past.values() for at, _ in samples], any_days)
        remedy = "let the daily run continue; each run adds a day"
        return Answer.unknown(reason, remedy, metrics=metrics, state=now.state(REMEMBERED))
    slower = [c for c in compared if c.work.mean_ms > c.limit_ms and c.extra_s >= min_extra_seconds]
    known = texts(pg, [s.work.queryid for s in slower])
    findings = [_finding(s, known.get(s.work.queryid), high_times) for s in slower]
    summary, evidence = _summary(compared, slower, len(followed)), {"compared": [_row(c) for c in compared]}
    return Answer.judged(summary, findings=findings, metrics=metrics, evidence=evidence, state=now.state(REMEMBERED))


def _too_early(span: Span | None, minutes: float, state: Mapping[str, object] | None) -> Answer:
    if span is None:
        return Answer.unknown("first look: this version does not say since when it counts; the next run can compare", state=state)
    seen = span.length.total_seconds() / 60
    return Answer.unknown(f"counted for {seen:.1f} minutes only, at least {minutes:g} are needed", "ask again later", state=state)


def _metric(work: Work) -> Metric:
    return Metric(
        name="statement_mean_ms",
        value=work.mean_ms,
        unit=Unit.MILLISECONDS,
        labels={"query": str(work.queryid)},
        numerator=work.total_ms,
        denominator=work.calls,
        n=work.calls,
    )


def _past(metrics: Iterable[Metric]) -> Mapping[str, Sequence[Sample]]:
    past: dict[str, list[Sample]] = defaultdict(list)
    for metric in metrics:
        if metric.at:
            past[metric.labels["query"]].append((metric.at, metric.value))
    return past


def _compared(
    followed: Iterable[Work],
    past: Mapping[str, Sequence[Sample]],
    at: datetime,
    *,
    same_weekdays: int,
    any_days: int,
    sigmas: float,
) -> list[Slower]:
    found = []
    for work in followed:
        norm = usual(past.get(str(work.queryid), ()), at, same_weekdays=same_weekdays, any_days=any_days)
        if norm:
            found.append(Slower(work, norm, norm.limit(sigmas)))
    return found


def _no_history(followed: int, moments: Sequence[datetime], any_days: int) -> str:
    missing = missing_days(moments, any_days)
    if missing:
        return (
            f"too little history: {missing} of {any_days} days are missing; {plural(followed, 'statement')} followed from now on"
        )
    return f"no statement of the {followed:,} that ran now has {plural(any_days, 'day')} of history"


def _summary(compared: Sequence[Slower], slower: Sequence[Slower], followed: int) -> str:
    if not followed:
        return "no statement ran often enough to be compared"
    weekdays = sum(c.usual.weekday for c in compared)
    basis = f"{weekdays} with the same weekday, {len(compared) - weekdays} with any day"
    rest = f"; {followed - len(compared)} have too little history" if followed > len(compared) else ""
    return f"{len(slower)} of {plural(len(compared), 'statement')} slower than usual ({basis}){rest}"


def _finding(s: Slower, text: Text | None, high_times: float) -> Finding:
    query = text.text if text else "(its text is gone)"
    days = "same weekdays" if s.usual.weekday else "days"
    usually = f"usually {s.usual.centre:,.2f} ms over {s.usual.n} {days}, limit {s.limit_ms:,.2f} ms"
    return Finding(
        rule="statement_slower",
        object=str(s.work.queryid),
        severity=Severity.HIGH if s.times >= high_times else Severity.MEDIUM,
        title=f"{query[:80]} is {s.times:.1f} times slower: {s.work.mean_ms:,.2f} ms ({usually})",
        remedy=f"-- what changed: a release, more rows, old statistics (analyze), a lost index, another plan?\nexplain {query};",
        value=s.work.mean_ms,
        limit=s.limit_ms,
        unit=Unit.MILLISECONDS,
        details={"query": query, "roles": list(text.roles) if text else [], "extra_s": round(s.extra_s, 1), **_row(s)},
    )


def _row(s: Slower) -> dict[str, object]:
    return {
        "queryid": str(s.work.queryid),
        "mean_ms": round(s.work.mean_ms, 3),
        "usual_ms": round(s.usual.centre, 3),
        "limit_ms": round(s.limit_ms, 3),
        "calls": s.work.calls,
        "days": s.usual.n,
        "same_weekday": s.usual.weekday,
    }
