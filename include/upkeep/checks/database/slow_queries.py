"""Slow statements of a window, from the server's own log."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.database.slow_statements import Slow
from upkeep.duty import check
from upkeep.errors import CannotAskError
from upkeep.formats.durations import timed
from upkeep.formats.log_coverage import Coverage, born
from upkeep.humanize import plural
from upkeep.sources.hidden_settings import Hidden, hidden_settings, require_seen
from upkeep.sources.log_reading import Source, entries_of
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.sources.server_logging import DURATIONS, Logging
from upkeep.stats.ranking import OTHER, Tally
from upkeep.targets.database import Database, ServerLog
from upkeep.units import Unit
from upkeep.window import Cadence, Window

TOP = 20
PERCENTILE = 0.95
_PLANNED = frozenset({"select", "insert", "update", "delete", "merge", "with", "values", "table", "execute", "declare", ""})
_COMMITS = frozenset({"commit", "end", "prepare"})
TELL_DATABASE = "put %d into log_line_prefix"
LOG_THEM = "alter system set log_min_duration_statement = '1s'; select pg_reload_conf();"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is slow, for how many calls, and how much of it is much."""

    slow_ms: float
    min_count: int
    high_total_minutes: float
    longest_minutes: float


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def slow_queries(
    db: Database,
    pg: Postgres,
    window: Window,
    *,
    slow_ms: float = 1000,
    min_count: int = 10,
    high_total_minutes: float = 60,
    longest_minutes: float = 15,
    missing_minutes: float = 15,
    silent_hours: float = 12,
    unread_share: float = 0.01,
) -> Answer:
    """
    Statements that the server logged as slow in the window, ranked by their total time.

    Reads the server's log (stderr with any log_line_prefix, csvlog, jsonlog), through the server or as a file, in which syslog,
    Docker, Kubernetes, Cloud SQL or CloudNativePG may carry it, and joins auto_explain's plans to their statements. Only entries
    whose own time is inside the window count, so the same window always gives the same rows. Parse, bind and execute of one run
    are one call. Constants are not kept, since they may be personal data.
    Unknown where durations are not logged, or where the log does not reach back to the window's start (`missing_minutes` are
    forgiven), is silent for hours, or more than `unread_share` of its durations were not understood: another prefix or language.
    """
    logging = pg.measure(__file__, Logging)[0]
    logging.require_english()
    coverage = Coverage(window.start, min(window.end, logging.now.astimezone(UTC)))
    slow = _read(db, pg, logging, coverage, Slow(slow_ms * 1000))
    coverage.require_fitted(unread_share)
    _require_whole(coverage, logging, timedelta(minutes=missing_minutes), timedelta(hours=silent_hours))
    _require_seen(slow, hidden_settings(pg, DURATIONS))
    _require_durations(slow, logging, unread_share)
    return _answer(slow, coverage, Limits(slow_ms, min_count, high_total_minutes, longest_minutes))


def _read(db: Database, pg: Postgres, logging: Logging, coverage: Coverage, slow: Slow) -> Slow:
    """What this database's statements took; one of which the log does not say its database counts too."""
    source = _source(db.log or ServerLog(), logging)
    for statement in timed(coverage.inside(entries_of(pg, source, coverage.start, coverage.reading))):
        if statement.database in {None, "", logging.database}:
            slow.add(statement)
    return slow


def _answer(slow: Slow, coverage: Coverage, limits: Limits) -> Answer:
    ranked = slow.ranking.dearest()
    named = [(kind, tally) for kind, tally in ranked if kind != OTHER]
    return Answer.judged(
        _summary(ranked, slow),
        findings=[_finding(kind, tally, slow, limits) for kind, tally in named if _is_slow(tally, limits)],
        metrics=[*_totals(ranked), *(m for kind, tally in named[:TOP] for m in _metrics(kind, tally))],
        evidence={
            "slowest": [_row(kind, tally, slow) for kind, tally in ranked[:TOP]],
            "without_text": slow.unnamed,
            **_lines(coverage, slow),
        },
    )


def _source(log: ServerLog, logging: Logging) -> Source:
    return Source(
        path=log.path if log.read == "file" else None,
        through_server=log.read == "server",
        collecting=logging.collecting,
        destination=logging.destination,
        line_prefix=logging.line_prefix if log.line_prefix is None else log.line_prefix,
        timezone=log.timezone or logging.timezone,
        databases=logging.like_it,
    )


def _require_whole(coverage: Coverage, logging: Logging, slack: timedelta, silent: timedelta) -> None:
    since = max(coverage.start, born(logging.system_identifier))
    if since >= coverage.end:
        raise CannotAskError("the window had not begun, or this server did not exist in it")
    if not coverage.reaches_back(since, slack):
        reach = f"only to {coverage.first:%Y-%m-%d %H:%M} UTC" if coverage.first else "to nothing that could be read"
        raise CannotAskError(f"the log reaches back {reach}, not to {since:%Y-%m-%d %H:%M} UTC", "keep log files for longer")
    if coverage.durations_off > slack and not logging.plans:
        minutes = coverage.durations_off / timedelta(minutes=1)
        raise CannotAskError(f"logging of durations was switched off for {minutes:,.0f} minutes of the window", LOG_THEM)
    begin, end = coverage.silence(since)
    if end - begin > silent:
        hours = (end - begin) / timedelta(hours=1)
        reason = f"the log is silent for {hours:.1f} h from {begin:%Y-%m-%d %H:%M} UTC (limit {silent / timedelta(hours=1):g} h)"
        raise CannotAskError(reason, "see whether files are missing; for a server this quiet raise silent_hours")


def _require_seen(slow: Slow, hidden: list[Hidden]) -> None:
    """What others did is logged by the server's own values; where this login logs itself, what it did is no sign of them."""
    logs_itself = any(not one.value.startswith("-1") for one in hidden if one.name != "log_statement_sample_rate")
    if logs_itself or not slow.ranking.kinds:
        require_seen(hidden)


def _require_durations(slow: Slow, logging: Logging, most: float) -> None:
    if slow.unnamed_slow > most * slow.slow and slow.ranking.kinds:
        reason = f"{slow.unnamed_slow:,} of {slow.slow:,} slow calls are logged without their statement"
        raise CannotAskError(reason, LOG_THEM)
    if slow.unnamed and not slow.ranking.kinds:
        raise CannotAskError("durations are logged without their statements", LOG_THEM)
    if not slow.ranking.kinds and not logging.durations:
        raise CannotAskError("durations are not logged (log_min_duration_statement is -1)", LOG_THEM)


def _is_slow(tally: Tally, limits: Limits) -> bool:
    often = tally.count >= limits.min_count and tally.percentile(PERCENTILE) >= limits.slow_ms * 1000
    return often or tally.longest >= limits.longest_minutes * 60e6 or tally.total >= limits.high_total_minutes * 60e6


def _finding(kind: str, tally: Tally, slow: Slow, limits: Limits) -> Finding:
    p95, longest = tally.percentile(PERCENTILE) / 1e3, tally.longest / 1e3
    took = f"{plural(tally.count, 'slow call')}, {tally.total / 1e6:,.1f} s, 95 % within {p95:,.0f} ms, longest {longest:,.0f} ms"
    heavy = tally.total >= limits.high_total_minutes * 60e6
    return Finding(
        rule="slow_query",
        object=kind,
        severity=Severity.HIGH if heavy else Severity.MEDIUM,
        title=f"{slow.texts[kind][:80]}: {took} (limit {limits.slow_ms:,.0f} ms)",
        remedy=_remedy(slow.texts[kind]),
        value=p95,
        limit=limits.slow_ms,
        unit=Unit.MILLISECONDS,
        details=_row(kind, tally, slow),
    )


def _remedy(text: str) -> str:
    first = text.split(maxsplit=1)[0].lower().strip("();")
    if first in _PLANNED:
        return f"-- see its plan: an index or a rewrite usually helps\nexplain {text}; -- with real values"
    if first in _COMMITS:
        return "a commit waits for the disk of the WAL, a synchronous standby or deferred constraints: see those, and pg_stat_wal"
    return "it has no plan: see what it waits for in pg_stat_activity while it runs, locks before all"


def _summary(ranked: list[tuple[str, Tally]], slow: Slow) -> str:
    count, seconds = sum(t.count for _, t in ranked), sum(t.total for _, t in ranked) / 1e6
    told = f"{plural(count, 'logged call')} of {plural(len(ranked), 'kind')}, {seconds:,.1f} s"
    return f"{told}; {slow.anywhere:,} do not say their database and may be another's: {TELL_DATABASE}" if slow.anywhere else told


def _lines(coverage: Coverage, slow: Slow) -> Mapping[str, Any]:
    lines = coverage.lines
    return {
        "without_database": slow.anywhere,
        "lines": {
            "read": lines.read,
            "fitted": lines.fitted,
            "unfitted": lines.unfitted,
            "lost": lines.lost,
            "foreign": lines.foreign,
        },
        "unfitted_examples": lines.examples,
    }


def _totals(ranked: list[tuple[str, Tally]]) -> Iterator[Metric]:
    yield Metric(name="slow_queries_total_ms", value=sum(t.total for _, t in ranked) / 1e3, unit=Unit.MILLISECONDS)
    yield Metric(name="slow_queries_count", value=sum(t.count for _, t in ranked), unit=Unit.COUNT)


def _metrics(kind: str, tally: Tally) -> Iterator[Metric]:
    label = {"query": kind}
    yield Metric(name="slow_query_total_ms", value=tally.total / 1e3, unit=Unit.MILLISECONDS, labels=label, n=tally.count)
    yield Metric(name="slow_query_count", value=tally.count, unit=Unit.COUNT, labels=label)
    yield Metric(name="slow_query_max_ms", value=tally.longest / 1e3, unit=Unit.MILLISECONDS, labels=label, n=tally.count)
    yield Metric(name="slow_query_p95_ms", value=_p95(tally), unit=Unit.MILLISECONDS, labels=label, n=tally.count)


def _row(kind: str, tally: Tally, slow: Slow) -> Mapping[str, Any]:
    return {
        "query": kind,
        "text": slow.texts[kind],
        "total_ms": tally.total / 1e3,
        "count": tally.count,
        "max_ms": tally.longest / 1e3,
        "p95_ms": _p95(tally),
        "plan": slow.plans.get(kind),
    }


def _p95(tally: Tally) -> float:
    return round(tally.percentile(PERCENTILE) / 1e3, 3)
