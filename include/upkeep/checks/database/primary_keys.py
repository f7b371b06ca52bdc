"""Tables whose rows nothing tells apart."""

from collections.abc import Iterator
from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence


@dataclass(frozen=True, slots=True)
class Table:
    """
    One table, or a partitioned one with all its partitions.

    `rows_without_key` stand in tables without primary key or its like; `tables_without_identity` counts those that are published
    without replica identity, in `publications`; `identify` gives them one.
    """

    name: str
    partitioned: bool
    rows_without_key: int
    tables_without_identity: int
    publications: str
    identify: str


@check(Cadence.WEEKLY, owner="database")
def primary_keys(db: Database, pg: Postgres, *, min_rows: float = 10_000) -> Answer:
    """
    Tables without primary key, and published tables without replica identity.

    A publication of updates or deletes makes every update and delete of a table fail that has no replica identity: high. Without
    any key rows that are alike can be neither told apart nor repaired, and the table cannot be replicated: low, from `min_rows`
    rows. A unique index over columns that are never null is as good as a key. Unlogged and temporary tables are not judged, nor
    those of extensions. A primary key that is deferrable is no replica identity.
    """
    tables = pg.measure(__file__, Table)
    findings = [f for table in tables for f in _findings(table, min_rows)]
    keyless = sum(t.rows_without_key > 0 for t in tables)
    unidentified = sum(t.tables_without_identity > 0 for t in tables)
    return Answer.judged(
        f"{plural(keyless, 'table')} with rows and no primary key, "
        f"{plural(unidentified, 'published table')} without replica identity",
        findings=findings,
        metrics=[
            Metric(name="tables_without_key", value=keyless, unit=Unit.COUNT),
            Metric(name="published_without_identity", value=unidentified, unit=Unit.COUNT),
        ],
    )


def _findings(t: Table, min_rows: float) -> Iterator[Finding]:
    if t.tables_without_identity:
        yield _without_identity(t)
    elif t.rows_without_key >= max(min_rows, 1):
        yield _without_key(t, min_rows)


def _without_identity(t: Table) -> Finding:
    parts = f"{plural(t.tables_without_identity, 'partition')} of {t.name}" if t.partitioned else t.name
    return Finding(
        rule="no_replica_identity",
        object=t.name,
        severity=Severity.HIGH,
        title=f"no replica identity on {parts}, published by {t.publications}: every update and delete fails",
        remedy=t.identify + " -- full works for every table, a primary key costs less",
        value=t.tables_without_identity,
        limit=0,
        unit=Unit.COUNT,
        details={"publications": t.publications},
    )


def _without_key(t: Table, min_rows: float) -> Finding:
    new = "add a primary key of the columns that tell its rows apart, those that it is partitioned by included"
    if not t.partitioned:
        column = f"alter table {t.name} add column row_id bigint generated always as identity primary key;"
        new = (
            f"{column} -- rewrites it under an exclusive lock; a key of columns it has is better, where some tell its rows apart"
        )
    return Finding(
        rule="no_primary_key",
        object=t.name,
        severity=Severity.LOW,
        title=f"{t.name} has about {t.rows_without_key:,} rows and no primary key (limit {min_rows:,.0f} rows)",
        remedy=new,
        value=t.rows_without_key,
        limit=min_rows,
        unit=Unit.ROWS,
    )
