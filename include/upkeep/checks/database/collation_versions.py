"""Collations whose order changed under the indexes."""

from collections.abc import Sequence
from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

LISTED = 50


@dataclass(frozen=True, slots=True)
class Changed:
    """
    One collation made with another version of its library than the one in use.

    `kind` is "collation", "database" for the database's own, or "template" for that of a template database. `indexes` and
    `partitioned_tables` (by range) were sorted by it.
    """

    kind: str
    name: str
    stored: str
    actual: str
    indexes: Sequence[str]
    partitioned_tables: Sequence[str]

    @property
    def matters(self) -> bool:
        """Whether something was sorted by it, or the server warns of it at every login."""
        return self.kind != "collation" or bool(self.indexes or self.partitioned_tables)

    @property
    def refresh(self) -> str:
        """The statement that says the change is dealt with."""
        what = "collation" if self.kind == "collation" else "database"
        more = "" if self.kind == "collation" else " collation"
        return f"alter {what} {self.name} refresh{more} version;"


@check(Cadence.WEEKLY, owner="database")
def collation_versions(db: Database, pg: Postgres) -> Answer:
    """
    Collations whose version is no longer that of the library that sorts.

    After an upgrade of the operating system (glibc, ICU) texts may sort otherwise than when an index was built: rows are then not
    found, and unique indexes let the same value in twice. High where an index was sorted by it, medium where only a range
    partitioned table was, low where nothing was but the server warns at every login, or where creating a database from a template
    fails. Indexes are rebuilt first; only then the version is refreshed, since that silences the warning and mends nothing.
    Versions before 15 do not keep that of the database's own collation.
    """
    found = pg.measure(__file__, Changed)
    judged = [c for c in found if c.matters]
    return Answer.judged(
        f"{plural(len(judged), 'collation')} in use changed ({len(found) - len(judged)} more that nothing was sorted by), "
        f"{plural(sum(len(c.indexes) for c in judged), 'index', 'indexes')} sorted by them",
        findings=[_finding(c, pg.database) for c in judged],
        metrics=[Metric(name="changed_collations", value=len(judged), unit=Unit.COUNT, denominator=len(found))],
    )


def _finding(c: Changed, database: str) -> Finding:
    sorted_by = [plural(len(c.indexes), "index", "indexes")] if c.indexes else []
    sorted_by += [plural(len(c.partitioned_tables), "partitioned table")] if c.partitioned_tables else []
    harm = f"{' and '.join(sorted_by)} sorted by it may be wrong" if sorted_by else "nothing was sorted by it"
    if c.kind == "template":
        harm = "databases cannot be created from it"
    return Finding(
        rule=f"{c.kind}_collation_changed" if c.kind != "collation" else "collation_changed",
        object=c.name,
        severity=_severity(c),
        title=f"{c.kind} {c.name} was made with version {c.stored} of its collation and {c.actual} is in use: {harm}",
        remedy=_remedy(c, database),
        details={"indexes": list(c.indexes)[:LISTED], "partitioned_tables": list(c.partitioned_tables)[:LISTED]},
    )


def _severity(c: Changed) -> Severity:
    if c.indexes:
        return Severity.HIGH
    return Severity.MEDIUM if c.partitioned_tables else Severity.LOW


def _remedy(c: Changed, database: str) -> str:
    quoted = '"' + database.replace('"', '""') + '"'
    lines = [f"reindex index concurrently {name};" for name in c.indexes]
    if len(lines) > LISTED:
        lines = [f"reindex database concurrently {quoted};"]
    if c.partitioned_tables:
        lines.append(f"-- look for rows in a wrong partition of {', '.join(c.partitioned_tables[:LISTED])} and move them")
    return "\n".join([*lines, c.refresh])
