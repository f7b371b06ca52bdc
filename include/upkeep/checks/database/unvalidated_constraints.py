"""Constraints that older rows may break."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence


@dataclass(frozen=True, slots=True)
class Unvalidated:
    """One constraint of a table or domain that was never checked against what was there. `kind` is SQL's word for it."""

    owner_name: str
    of_domain: bool
    name: str
    kind: str
    row_count: int

    @property
    def remedy(self) -> str:
        """The statement that checks the rows."""
        what = "domain" if self.of_domain else "table"
        return f"alter {what} {self.owner_name} validate constraint {self.name};"


@check(Cadence.WEEKLY, owner="database")
def unvalidated_constraints(db: Database, pg: Postgres) -> Answer:
    """
    Constraints that were added NOT VALID and never validated.

    That is how a large table gets a constraint without a long lock, in two steps of which the second is often forgotten. Until
    then older rows may break it, and the planner may not rely on it. Validating reads the table but lets reads and writes go on.
    Foreign keys are medium, since rows may refer to nothing; others are low. On a partitioned table the root stands for all.
    """
    found = pg.measure(__file__, Unvalidated)
    return Answer.judged(
        f"{plural(len(found), 'constraint')} never checked against older rows",
        findings=[_finding(u) for u in found],
        metrics=[Metric(name="unvalidated_constraints", value=len(found), unit=Unit.COUNT)],
    )


def _finding(u: Unvalidated) -> Finding:
    rows = "" if u.of_domain else f", which has about {plural(u.row_count, 'row')}"
    return Finding(
        rule="constraint_not_validated",
        object=f"{u.owner_name}.{u.name}",
        severity=Severity.MEDIUM if u.kind == "foreign key" else Severity.LOW,
        title=f"{u.kind} constraint {u.name} was never checked against the older rows of {u.owner_name}{rows}",
        remedy=f"{u.remedy} -- where it fails it names what to correct first",
        details={"kind": u.kind, "rows": u.row_count},
    )
