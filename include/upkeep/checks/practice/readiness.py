"""Whether everything that is looked after can be asked, and whether somebody would be told."""

from collections.abc import Iterator, Sequence

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.config.inventory import Inventory
from upkeep.config.own_databases import metadata_left_out
from upkeep.discovery import broken_modules, discover
from upkeep.duty import Duty, check, needs_of
from upkeep.humanize import plural
from upkeep.sources.connections import Connections
from upkeep.targets.airflow_database import AirflowDatabase
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.system import System
from upkeep.targets.target import Target
from upkeep.units import Unit
from upkeep.window import Cadence

_LISTED = 8


@check(Cadence.WEEKLY, owner="platform")
def readiness(system: System, inventory: Inventory, connections: Connections) -> Answer:
    """
    Targets that cannot be asked, and alerts that would reach nobody.

    Each target of the inventory is examined as `upkeep doctor` does it: reached, of a supported version, with every right that
    its duties need and no more. What is wrong names the duties that stay unknown until it is mended. Besides: is anybody on
    call, is Slack connected, has each target a runbook and a duty, is Airflow's own database a target, can every module of duties
    be imported. What it leaves out: whether the people who are on call answer, and the chain of backups, which `upkeep doctor`
    tries.
    """
    asked = {target.name: [duty for duty in discover() if isinstance(target, duty.target)] for target in inventory.targets}
    targets = [target for target in inventory.targets if not target.single]
    found = [finding for target in targets for finding in _target(target, asked[target.name], connections)]
    wrong = [*found, *_people(inventory), *_metadata(inventory), *_modules()]
    ready = len(targets) - len({f.details["target"] for f in found if f.severity > Severity.LOW})
    share = ready / len(targets) if targets else 1.0
    metric = Metric(name="targets_ready", value=share, unit=Unit.SHARE, numerator=ready, denominator=len(targets))
    return Answer.judged(
        f"{ready:,} of {plural(len(targets), 'target')} ready", findings=wrong, metrics=[metric] if targets else []
    )


def _target(target: Target, duties: Sequence[Duty], connections: Connections) -> Iterator[Finding]:
    if not duties:
        yield _about(target, "no_duty", Severity.MEDIUM, "no duty asks about it", "add duties for its kind, or take it out")
    for found in target.examine(connections, needs_of(duties)):
        if found.level is Level.NO:
            yield _unmet(target, duties, found)
    if target.runbook is None:
        yield _about(target, "no_runbook", Severity.LOW, "it has no runbook", "give it `runbook:` with a link in the inventory")


def _unmet(target: Target, duties: Sequence[Duty], found: Diagnosis) -> Finding:
    waiting = [duty.name for duty in duties if duty.waits_for(found.unmet)]
    more = f" and {len(waiting) - _LISTED} more" if len(waiting) > _LISTED else ""
    until = f"; unknown until then: {', '.join(waiting[:_LISTED])}{more}" if waiting else ""
    needs = ", ".join(need.name for need in found.unmet or ())
    severity = Severity.HIGH if waiting else Severity.MEDIUM
    return _about(target, found.about.replace(" ", "_"), severity, f"{found.text}{until}", found.remedy, needs, waiting)


def _about(
    target: Target, rule: str, severity: Severity, text: str, remedy: str, part: str = "", waiting: Sequence[str] = ()
) -> Finding:
    return Finding(
        rule=rule,
        object=f"{target.name}: {part}" if part else target.name,
        severity=severity,
        title=f"{target.name}: {text}",
        remedy=remedy,
        details={"target": target.name, "unknown": list(waiting)},
    )


def _people(inventory: Inventory) -> Iterator[Finding]:
    if not any(person.on_call for person in inventory.settings.people):
        yield Finding(
            rule="nobody_on_call", object="people", severity=Severity.MEDIUM, title="nobody of the inventory is on call",
            remedy="give people `on_call:` numbers, 1 is called first",
        )  # fmt: skip
    if inventory.settings.notify.slack_connection is None:
        yield Finding(
            rule="nobody_told", object="notify", severity=Severity.MEDIUM,
            title="no alert reaches anybody: notify.slack_connection is not set",
            remedy="name an Airflow connection to Slack in notify.slack_connection",
        )  # fmt: skip


def _metadata(inventory: Inventory) -> Iterator[Finding]:
    """Airflow's own database, where nobody looks after it. A task is not told of which kind it is: only the doctor says that."""
    if metadata_left_out(inventory.settings.own_databases, inventory.targets):
        waiting = [duty.name for duty in discover() if issubclass(AirflowDatabase, duty.target)]
        own = [duty.name for duty in discover() if duty.target is AirflowDatabase]
        yield Finding(
            rule="metadata_left_out", object="airflow database", severity=Severity.LOW,
            title=f"Airflow's own metadata database is no target; unknown until then: {', '.join(own)} and "
            f"{len(waiting) - len(own)} duties of databases",
            remedy="give Airflow a connection airflow_monitor_db (docs/operations.md), or say `own_databases: {airflow: false}`; "
            "one in SQLite, which is for trying only, is no target before it is moved to PostgreSQL",
            details={"unknown": waiting},
        )  # fmt: skip


def _modules() -> Iterator[Finding]:
    for module in broken_modules():
        reason = module.traceback.strip().splitlines()[-1]
        yield Finding(
            rule="broken_module", object=module.module, severity=Severity.HIGH, title=f"{module.module} is not asked: {reason}",
            remedy="mend the module: its traceback is in the log of its task", details={"traceback": module.traceback},
        )  # fmt: skip
