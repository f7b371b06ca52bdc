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
    """
    One sequence and the narrowest column that takes its values, or that `refers` to one that does.

    `given` of `there_are` values are used, from where it begins to `limit_value`; `last_value` is None until its first use.
    """

    name: str
    schema: str
    readable: bool
    feeds: str
    refers: bool
    last_value: int | None
    limit_value: int
    given: int
    there_are: float
    used: float
    widen: str


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def sequences(db: Database, pg: Postgres, *, high_share: float = 0.75, critical_share: float = 0.9) -> Answer:
    """
    Sequences that are close to their last value.

    When a sequence, or a column that takes its values, is used up, every insert fails at once. Judged is the share of its values
    that are given, from where it begins (its minimum, or its maximum when it counts down) to where it ends or a column does:
    smallint at 32,767, integer at 2,147,483,647, numeric by its digits, domains as what they are made of, and columns that refer
    to it by a foreign key. One that cycles is judged only where a column ends first. pg_monitor alone may not read where a
    sequence stands: as long as some cannot be read and nothing else is wrong, the answer is unknown.
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
            numerator=s.given,
            denominator=s.there_are,
        )
        for s in sorted(found, key=lambda s: (-s.used, s.name))[:20]
    ]


def _finding(s: Sequence, high_share: float, critical_share: float) -> Finding:
    limit = critical_share if s.used >= critical_share else high_share
    end = f"{s.feeds}, which refers to its values, ends at" if s.refers else "it ends at"
    return Finding(
        rule="sequence_near_end",
        object=s.name,
        severity=Severity.CRITICAL if s.used >= critical_share else Severity.HIGH,
        title=f"{s.name} has used {s.used:.1%} of its {s.there_are:,.0f} values (limit {limit:.0%}); "
        f"it stands at {s.last_value or 0:,}, and {end} {s.limit_value:,}",
        remedy=s.widen,
        value=s.used,
        limit=limit,
        unit=Unit.SHARE,
        details={"feeds": s.feeds, "last_value": s.last_value},
    )
