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

    `given` of `there_are` values are used, from where it begins to `limit_value`; `last_value` is None until its first use, and
    where it is not `readable` or `locked` by another session.
    """

    name: str
    schema: str
    readable: bool
    locked: bool
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
    smallint at 32,767, integer at 2,147,483,647, numeric by its digits, varchar and char by their length where they take the
    number alone, domains as what they are made of, and columns that refer to it by a foreign key. One that was never used counts
    from where it will begin; one that cycles is judged only where a column ends first, and a column whose default takes a
    remainder (`nextval(…) % 16`) never ends. pg_monitor alone may not read where a sequence stands: as long as some cannot be
    read and nothing else is wrong, the answer is unknown.
    So it is while another session has one locked: nobody is waited for, and the others are judged.
    """
    every = pg.measure(__file__, Sequence)
    found = [s for s in every if s.readable and not s.locked]
    findings = [_finding(s, high_share, critical_share) for s in found if s.used >= high_share]
    unseen = _unseen(pg, every)
    if unseen and not findings:
        return Answer.unknown("; ".join(unseen), "\n".join(unseen.values()), metrics=_metrics(found))
    worst = max(found, key=lambda s: s.used, default=None)
    summary = plural(len(found), "sequence") + (f"; fullest {worst.name} at {worst.used:.1%}" if worst else "")
    return Answer.judged("; ".join([summary, *unseen]), findings=findings, metrics=_metrics(found))


def _unseen(pg: Postgres, every: list[Sequence]) -> dict[str, str]:
    """What is not judged, and what helps."""
    hidden, locked = [s for s in every if not s.readable], [s for s in every if s.readable and s.locked]
    reasons, of_all = {}, f"of {plural(len(every), 'sequence')}"
    if hidden:
        reasons[f"{len(hidden)} {of_all} may not be read, such as {hidden[0].name}"] = _grants(pg, hidden)
    if locked:
        wait = "-- ask again when the session that holds the lock has ended: select * from pg_locks where relation = "
        reasons[f"{len(locked)} {of_all} locked by another session, such as {locked[0].name}"] = (
            f"{wait}{_literal(locked[0].name)}::regclass;"
        )
    return reasons


def _literal(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


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


def _place(s: Sequence) -> str:
    return "it begins there and was never used" if s.last_value is None else f"it stands at {s.last_value:,}"


def _finding(s: Sequence, high_share: float, critical_share: float) -> Finding:
    limit = critical_share if s.used >= critical_share else high_share
    end = f"{s.feeds}, which refers to its values, ends at" if s.refers else "it ends at"
    return Finding(
        rule="sequence_near_end",
        object=s.name,
        severity=Severity.CRITICAL if s.used >= critical_share else Severity.HIGH,
        title=f"{s.name} has used {s.used:.1%} of its {s.there_are:,.0f} values (limit {limit:.0%}); "
        f"{_place(s)}, and {end} {s.limit_value:,}",
        remedy=s.widen,
        value=s.used,
        limit=limit,
        unit=Unit.SHARE,
        details={"feeds": s.feeds, "last_value": s.last_value},
    )
