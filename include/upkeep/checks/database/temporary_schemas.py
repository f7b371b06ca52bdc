"""Temporary tables whose session is gone, or that are too old."""

from collections.abc import Iterator, Sequence

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural, size
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.sources.temporary import Schema, schemas
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence


@check(Cadence.WEEKLY, owner="database", needs=(MONITOR,))
def temporary_schemas(db: Database, pg: Postgres, *, old_xids: float = 100_000_000) -> Answer:
    """
    Temporary tables that outlived their session, and those that hold freezing back.

    A crash can leave temporary tables behind. They take room until autovacuum drops them or a new session gets their number, and
    nobody else can vacuum them: low, and medium from `old_xids` transactions on (half of what makes autovacuum freeze by force),
    also for a session that lives: the whole database cannot be frozen beyond its oldest table. Before version 16 a schema is
    known to be left over only where there are more of them than sessions.
    """
    if pg.in_recovery:
        return Answer.unknown("a standby does not know the sessions of its primary: ask that", "add the primary to the inventory")
    first = {schema.name for schema in schemas(pg) if schema.alive is False}
    # Asked twice: a session that ends meanwhile takes its tables with it.
    found = schemas(pg)
    orphans = [schema for schema in found if schema.alive is False and schema.name in first]
    living = [schema for schema in found if schema not in orphans]
    return Answer.judged(
        f"{plural(len(found), 'temporary schema')} with tables, {len(orphans)} left over",
        findings=[*_left_over(pg.database, orphans, living, old_xids), *_old(pg.database, living, old_xids)],
        metrics=[
            Metric(name="temporary_schemas", value=len(found), unit=Unit.COUNT),
            Metric(name="orphaned_temporary_bytes", value=sum(s.bytes for s in orphans), unit=Unit.BYTES),
        ],
    )


def _left_over(database: str, orphans: Sequence[Schema], living: Sequence[Schema], old_xids: float) -> Iterator[Finding]:
    unsure = [schema for schema in living if schema.alive is None]
    at_least = len(unsure) - unsure[0].sessions if unsure else 0
    if orphans:
        message = f"{plural(sum(s.tables for s in orphans), 'temporary table')} ({size(sum(s.bytes for s in orphans))}) outlived"
        remedy = "\n".join(f"drop schema {s.name} cascade;" for s in orphans) + " -- as a superuser"
        yield _finding("orphaned_temporary_tables", database, f"{message} the session that made them", remedy, orphans, old_xids)
    elif at_least > 0:
        sessions = plural(unsure[0].sessions, "session")
        message = f"{plural(len(unsure), 'temporary schema')} with tables and {sessions}: {at_least} or more left over"
        remedy = "let autovacuum visit this database: it drops what no session uses; see its log for `dropping orphan temp table`"
        yield _finding("orphaned_temporary_tables", database, message, remedy, unsure, old_xids)


def _old(database: str, living: Sequence[Schema], old_xids: float) -> Iterator[Finding]:
    old = [schema for schema in living if schema.xids >= old_xids]
    if old:
        message = f"temporary tables in {', '.join(s.name for s in old[:5])} are {max(s.xids for s in old):,} transactions old"
        remedy = "let the session that made them drop them or reconnect: nobody else can freeze them"
        yield _finding("temporary_tables_old", database, message, remedy, old, old_xids)


def _finding(rule: str, database: str, message: str, remedy: str, schemas: Sequence[Schema], old_xids: float) -> Finding:
    xids = max(schema.xids for schema in schemas)
    return Finding(
        rule=rule,
        object=database,
        severity=Severity.MEDIUM if xids >= old_xids else Severity.LOW,
        title=f"{message} (limit of age {old_xids:,.0f} transactions)" if rule == "temporary_tables_old" else message,
        remedy=remedy,
        value=xids,
        limit=old_xids,
        unit=Unit.XIDS,
        details={"schemas": [schema.name for schema in schemas[:50]]},
    )
