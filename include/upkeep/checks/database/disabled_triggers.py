"""Triggers that are switched off, and constraints that therefore hold no longer."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_CONSTRAINTS = ("foreign key", "constraint")


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """
    One thing that is switched off.

    `kind` is "trigger", "foreign key", "constraint", "rule" or "event trigger"; `lets_through` says what a constraint no longer
    stops; `remedy` switches it on.
    """

    kind: str
    table_name: str
    name: str
    lets_through: str
    remedy: str

    @property
    def object(self) -> str:
        """`shop.orders.orders_audit`, or the name alone of what belongs to no table."""
        return f"{self.table_name}.{self.name}" if self.table_name else self.name


@check(Cadence.WEEKLY, owner="database", needs=(MONITOR,))
def disabled_triggers(db: Database, pg: Postgres) -> Answer:
    """
    Triggers that are switched off, and constraints that therefore hold no longer.

    A load that ran `disable trigger all` and died leaves foreign keys that look valid and check nothing: high, since rows that
    break them come in unseen. The remedy makes such a key anew, so that the rows of the meantime are checked too. A user's
    trigger, a rule or an event trigger that is off is medium: an audit trail or a copy may have stopped. Triggers for replicas
    only are not judged, nor what belongs to extensions; on a partitioned table the root stands for its partitions.
    """
    found = pg.measure(__file__, SwitchedOff)
    constraints = sum(s.kind in _CONSTRAINTS for s in found)
    return Answer.judged(
        f"{plural(len(found) - constraints, 'trigger or rule', 'triggers and rules')} switched off, "
        f"{plural(constraints, 'constraint holds', 'constraints hold')} no longer",
        findings=[_finding(s) for s in found],
        metrics=[
            Metric(name="disabled_triggers", value=len(found) - constraints, unit=Unit.COUNT),
            Metric(name="disabled_constraints", value=constraints, unit=Unit.COUNT),
        ],
    )


def _finding(s: SwitchedOff) -> Finding:
    guards = s.kind in _CONSTRAINTS
    where = f" of {s.table_name}" if s.table_name else ""
    message = f"looks valid and lets through {s.lets_through}: its triggers are off" if guards else "is switched off"
    return Finding(
        rule=f"{s.kind.replace(' ', '_')}_disabled",
        object=s.object,
        severity=Severity.HIGH if guards else Severity.MEDIUM,
        title=f"{s.kind} {s.name}{where} {message}",
        remedy=s.remedy,
        details={"table": s.table_name, "kind": s.kind},
    )
