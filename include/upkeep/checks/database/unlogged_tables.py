"""Tables that a crash empties."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Severity
from upkeep.duty import check
from upkeep.humanize import plural, size
from upkeep.sources.postgres import Postgres
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

MB = 10**6


@dataclass(frozen=True, slots=True)
class Unlogged:
    """One unlogged table; the fields are the columns of the question."""

    name: str
    bytes: int


@check(Cadence.WEEKLY, owner="database")
def unlogged_tables(db: Database, pg: Postgres, *, min_mb: float = 10, medium_mb: float = 1000) -> Answer:
    """
    Tables that a crash empties.

    An unlogged table is fast because it is not written to the WAL: after a crash it is empty, and replicas and archives never
    have it, so that a failover loses it too. That is right for what can be made again, as small ones usually can: they are left
    out.
    """
    every = pg.measure(__file__, Unlogged)
    found = [table for table in every if table.bytes >= min_mb * MB]
    return Answer.judged(
        f"{plural(len(found), 'unlogged table')} of {min_mb:g} MB or more ({len(every) - len(found)} smaller)",
        findings=[_finding(table, min_mb * MB, medium_mb * MB) for table in found],
    )


def _finding(table: Unlogged, limit: float, medium: float) -> Finding:
    return Finding(
        rule="unlogged_table",
        object=table.name,
        severity=Severity.MEDIUM if table.bytes >= medium else Severity.LOW,
        title=f"{table.name} holds {size(table.bytes)} that a crash or failover loses (limit {size(limit)})",
        remedy=f"alter table {table.name} set logged; -- writes it whole to the WAL, under an exclusive lock",
        value=table.bytes,
        limit=limit,
        unit=Unit.BYTES,
    )
