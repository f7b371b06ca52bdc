"""What is wrong in a week of queries: changes that cost, loops, large tables read whole, plans that got worse."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from upkeep.answer import Finding, Severity
from upkeep.checks.database.pattern_shapes import CHANGED, NEW, VANISHED, QueryPattern
from upkeep.checks.database.plan_history import Changed
from upkeep.checks.database.traffic import Scanned
from upkeep.humanize import plural, size
from upkeep.sources.statement_work import Span
from upkeep.units import Unit

# Who filters by an index reads less.
_WHOLE = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """From which part of all time, and from how many seconds on, a query is costly."""

    share: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Week:
    """What is judged: a span, its shapes as rows, and why they could not be compared ("" when they could)."""

    span: Span
    patterns: Sequence[QueryPattern]
    apart: str

    @property
    def days(self) -> float:
        """How long it was."""
        return self.span.length / timedelta(days=1)

    def of(self, kind: str) -> list[QueryPattern]:
        """The shapes of a kind."""
        return [pattern for pattern in self.patterns if pattern.kind == kind]


def changes(week: Week, limits: Limits) -> Iterator[Finding]:
    """Costly queries that came, went, or run otherwise."""
    every = week.span.total_ms
    before = sum(p.total_ms_before or 0 for p in week.patterns)
    for pattern in week.of(NEW) + week.of(CHANGED):
        if pattern.total_ms >= max(limits.share * every, limits.seconds * 1000):
            new = pattern.kind == NEW
            what = "is new and takes" if new else f"runs {_otherwise(pattern)} and takes"
            title = f"{what} {pattern.total_ms / every:.0%} of all time (limit {limits.share:.0%})"
            yield _finding(pattern, "query_new_and_costly" if new else "query_changed", Severity.MEDIUM if new else Severity.LOW,
                title, "see what was deployed, and its plan", pattern.total_ms / every, limits.share, Unit.SHARE)  # fmt: skip
    for pattern in week.of(VANISHED):
        gone = pattern.total_ms_before or 0
        if gone >= max(limits.share * before, limits.seconds * 1000):
            title = f"did not run, and took {gone / before:.0%} of the time before (limit {limits.share:.0%})"
            yield _finding(pattern, "query_vanished", Severity.LOW, title, "see whether what ran it is to run still",
                gone / before, limits.share, Unit.SHARE)  # fmt: skip


def _otherwise(pattern: QueryPattern) -> str:
    often = pattern.calls / max(pattern.calls_before or 0, 1)
    return f"{often:,.1f} times as often as before" if often > 1 else "with far more rows a call than before"


def loops(week: Week, calls: float, per: float) -> Iterator[Finding]:
    """Small queries that run many times for each transaction."""
    for pattern in week.patterns:
        each = pattern.calls_per_transaction or 0
        few = pattern.rows <= 2 * pattern.calls
        if pattern.calls >= calls and each >= per and few and pattern.text.lstrip().lower().startswith(("select", "with")):
            title = f"runs {each:,.1f} times for each transaction (limit {per:g}), {plural(pattern.calls, 'call')}, few rows each"
            remedy = "read all rows of a loop with one query: a join, = any($1), or the ORM's eager loading"
            yield _finding(pattern, "query_in_a_loop", Severity.LOW, title, remedy, each, per, Unit.TIMES)


def scans(each: Scanned, most: float, large: float) -> Iterator[Finding]:
    """A large table that was read whole often."""
    table = each.table
    if table.bytes >= large and each.scans >= most and each.rows_each >= _WHOLE * table.rows:
        yield Finding(
            rule="large_table_read_whole",
            object=table.name,
            severity=Severity.MEDIUM,
            title=f"{table.name} ({size(table.bytes)}) was read whole {each.scans:,} times (limit {most:,.0f})",
            remedy=f"-- look in pg_stat_statements for queries on {table.name}; then an index on what they filter by",
            value=each.scans,
            limit=most,
            unit=Unit.COUNT,
        )


def got_worse(changed: Changed) -> Finding:
    """A plan that reads whole what it read by an index."""
    names = ", ".join(changed.relations)
    return Finding(rule="plan_got_worse", object=changed.shape, severity=Severity.MEDIUM,
        title=f"{changed.text[:80]} now reads {names} whole, and read it by an index before",
        remedy=f"analyze {changed.relations[0]}; -- then see whether the index is still there and valid",
        details={"query": changed.text, "relations": list(changed.relations)})  # fmt: skip


def _finding(
    pattern: QueryPattern, rule: str, severity: Severity, title: str, remedy: str, value: float, limit: float, unit: Unit
) -> Finding:
    return Finding(rule=rule, object=pattern.shape, severity=severity, title=f"{pattern.text[:80]} {title}",
        remedy=f"-- {remedy}", value=value, limit=limit, unit=unit,
        details={"query": pattern.text, "calls": pattern.calls})  # fmt: skip
