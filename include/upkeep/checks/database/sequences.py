"""Sequences that run out."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence


@dataclass(frozen=True, slots=True)
class Sequence:
    """One sequence and the narrowest limit on it: its own maximum, or that of the integer column it feeds."""

    name: str
    schema: str
    readable: bool
    feeds: str
    last_value: int
    limit_value: int
    used: float
    widen: str


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def sequences(db: Database, pg: Postgres, *, high_share: float = 0.75, critical_share: float = 0.9) -> Answer:
    """
    Sequences that are close to their last value.

    When a sequence, or the integer column it feeds, is used up, every insert fails at once. The limit is the narrower of the
    sequence's own maximum and the column's type (smallint 32,767, integer 2,147,483,647), also where the column is fed by a
    default rather than owned. Sequences that cycle are not judged. pg_monitor alone may not read where a sequence stands: as long
    as some cannot be read and nothing else is wrong, the answer is unknown.
    """
    every = pg.measure(__file__, Sequence)
    found, hidden = [s for s in every if s.readable], [s for s in every if not s.readable]
    findings = [_finding(s, high_share, critical_share) for s in found if s.used >= high_share]
    worst = max(found, key=lambda s: s.used, default=None)
    summary = plural(len(found), "sequence") + (f"; fullest {worst.name} at {worst.used:.1%}" if worst else "")
    if hidden and not findings:
        reason = f"{len(hidden)} of {plural(len(every), 'sequence')} may not be read, such as {hidden[0].name}"
        return Answer.unknown(reason, _grants(pg, hidden), metrics=_metrics(found))
    return Answer.judged(
        summary + (f"; {len(hidden)} may not be read" if hidden else ""),
        findings=findings,
        metrics=_metrics(found),
    )


def _grants(pg: Postgres, hidden: list[Sequence]) -> str:
    role = pg.value("select pg_catalog.quote_ident(current_user)")
    return "\n".join(
        f"grant select on all sequences in schema {schema} to {role};" for schema in sorted({s.schema for s in hidden})
    )


def _metrics(found: list[Sequence]) -> list[Metric]:
    return [
        Metric(
            name="sequence_used",
            value=s.used,
            unit=Unit.SHARE,
            labels={"sequence": s.name},
            numerator=s.last_value,
            denominator=s.limit_value,
        )
        for s in sorted(found, key=lambda s: (-s.used, s.name))[:20]
    ]


def _finding(s: Sequence, high_share: float, critical_share: float) -> Finding:
    limit = critical_share if s.used >= critical_share else high_share
    return Finding(
        rule="sequence_near_end",
        object=s.name,
        severity=Severity.CRITICAL if s.used >= critical_share else Severity.HIGH,
        title=f"{s.name} has used {s.used:.1%} of its {s.limit_value:,} values (limit {limit:.0%})",
        remedy=s.widen,
        value=s.used,
        limit=limit,
        unit=Unit.SHARE,
        details={"feeds": s.feeds, "last_value": s.last_value},
    )
