"""The owner's written plan for a disaster, carried out on a server of our own."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from upkeep.answer import Answer, Finding, Metric, Severity, Status
from upkeep.backups.registry import Registry
from upkeep.drills.drill import DONE, FAILED, MISSING, UNKNOWN, Drill, DrillStep
from upkeep.drills.needs import Need, missing
from upkeep.drills.network import WHY_NOT, shut_off
from upkeep.drills.plan import Plan, read
from upkeep.drills.scene import Scene, scene_of
from upkeep.duty import Progress, job
from upkeep.errors import CannotAskError, InventoryError, UpkeepError
from upkeep.humanize import plural, span
from upkeep.sources.connections import Connections
from upkeep.sources.postgres import Endpoint
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_DECLARE = "drill: plans/shop.yaml   # beside the inventory: steps, each with its expected time (docs/restore-tests.md)"


@job(Cadence.QUARTERLY, owner="database", hours=8, queue="heavy", at_once=1)
def disaster_drill(
    db: Database,
    connections: Connections,
    registry: Registry,
    progress: Progress,
    *,
    slower: float = 1.5,
    dry_run: bool = False,
) -> Answer:
    """
    The owner's written plan for a disaster, carried out on a server of our own.

    Each step of the plan (`drill` in the inventory) is done on a server that ends with the task, and its time set against the
    plan: a restore of the newest backup, checks, queries with their answers, and commands, which get the drill's connection by
    environment and a password file and nothing else, no shell, no network where this machine lets us, and an end. Backups of
    pgBackRest and Barman are restored by these tools, to the end of the WAL. What a person does is not done, only counted. A
    step that fails is a finding, as is one that takes more than `slower` times what the plan says, and what the recovery needed
    but no step has. No step may name production, which is never touched. It leaves out DNS and people. A task that is killed
    leaves a server and programs that end with it, and no other trace: run again, it drills from the start.
    """
    plan, scene = _plan(db), scene_of(db, connections, registry)
    if dry_run:
        return _planned(plan, scene)
    begun = time.monotonic()
    with scene.copy() as copy:
        started = time.monotonic() - begun
        drill = Drill(plan, copy, _production(db, connections), registry.asked_at, progress)
        steps = list(drill.run())
        steps += _needed(steps, list(missing(plan.steps, copy.needs())), {"server": started})
    return _answer(db, drill, steps, slower, _network(drill))


def _plan(db: Database) -> Plan:
    if db.drill is None:
        raise CannotAskError("no written plan for a disaster is declared", _DECLARE)
    try:
        return read(db.drill)
    except InventoryError as error:
        raise CannotAskError(f"the plan cannot be read: {error}", "correct the file") from error


def _production(db: Database, connections: Connections) -> Endpoint | None:
    try:
        return connections.postgres(db.connection)
    except UpkeepError:
        return None  # a disaster may have taken the connection too


def _network(drill: Drill) -> str:
    """How far the plan's programs could reach."""
    if not any(step.kind == "command" for step in drill.plan.steps):
        return "no program was run"
    if not drill.open_network:
        return "shut off from the plan's programs"
    asked = [step.name for step in drill.plan.steps if step.network]
    return f"left to {', '.join(asked)}, as the plan says" if shut_off() else f"not shut off: {WHY_NOT}"


def _needed(steps: Sequence[DrillStep], lacking: Iterable[Need], took: dict[str, float]) -> list[DrillStep]:
    first = steps[0]
    return [
        replace(
            first, number=len(steps) + place, name=need.name, kind="needed", result=MISSING, message=need.why,
            expected_seconds=None, seconds=round(took[need.name], 3) if need.name in took else None,
        )
        for place, need in enumerate(lacking, 1)
    ]  # fmt: skip


def _planned(plan: Plan, scene: Scene) -> Answer:
    lines = [f"{step.kind}: {step.name} ({span(step.expected)})" for step in plan.steps]
    lacks = [f"the plan lacks {need.name}: {need.why}" for need in missing(plan.steps, scene.needed)]
    text = "; ".join([f"would drill with backup {scene.backup_id}", *lines, *lacks, "dry run, nothing was changed"])
    return Answer.judged(text, evidence={"dry_run": True, "would": lines, "lacks": lacks})


def _answer(db: Database, drill: Drill, steps: Sequence[DrillStep], slower: float, network: str) -> Answer:
    plan, backup_id = drill.plan, drill.copy.backup_id
    findings = list(_findings(db, plan, steps, slower))
    unsure = [f'"{step.name}": {step.message}' for step in steps if step.result == UNKNOWN]
    done, took = sum(step.result == DONE for step in steps), sum(step.seconds or 0 for step in steps if step.kind != "needed")
    summary = (
        f"{done} of {plural(len(plan.steps), 'step')} done in {span(took)} (planned {span(plan.expected_s)}), "
        f"{plural(sum(step.result == FAILED for step in steps), 'failure')}, "
        f"{plural(sum(step.result == MISSING for step in steps), 'step')} lacking in the plan, with backup {backup_id}"
        + ("" if network.startswith(("shut off", "no program")) else f"; the network was {network}")
    )
    answer = Answer.judged(
        "; ".join([summary, *(f"unknown: {line}" for line in unsure)]), findings=findings, records=steps,
        metrics=[Metric(name="drill_time", value=took, unit=Unit.SECONDS),
                 Metric(name="drill_planned", value=plan.expected_s, unit=Unit.SECONDS)],
        evidence={"backup": backup_id, "plan_sha256": plan.sha256, "network": network,
                  "dry_run": False},
    )  # fmt: skip
    return replace(answer, status=Status.UNKNOWN) if unsure and not findings else answer


def _findings(db: Database, plan: Plan, steps: Iterable[DrillStep], slower: float) -> Iterator[Finding]:
    for step in steps:
        if step.result == FAILED:
            yield _of_step("step_failed", step, Severity.HIGH, f'step "{step.name}" of the plan failed: {step.message}')
        elif step.result == MISSING:
            title = f"the plan has no step for {step.name}: {step.message}"
            yield _of_step("step_not_in_plan", step, Severity.MEDIUM, title)
        elif step.seconds and step.expected_seconds and step.seconds > slower * step.expected_seconds:
            title = f'step "{step.name}" took {span(step.seconds)}, the plan says {span(step.expected_seconds)}'
            found = _of_step("step_slower", step, Severity.LOW, title)
            yield replace(found, value=step.seconds, limit=step.expected_seconds, unit=Unit.SECONDS)
    if db.rto is not None and plan.expected_s > db.rto:
        title = f"the plan takes {span(plan.expected_s)} by its own times, the objective is {span(db.rto)}"
        yield Finding(
            rule="plan_exceeds_rto", object="plan", severity=Severity.MEDIUM, title=title, value=plan.expected_s, limit=db.rto,
            unit=Unit.SECONDS, remedy="shorten the plan (steps beside each other, a standby), or agree on another rto",
        )  # fmt: skip


def _of_step(rule: str, step: DrillStep, severity: Severity, title: str) -> Finding:
    remedy = "correct the plan or what it names, then clear this task; a step that sees to something else says so by `covers`"
    return Finding(rule=rule, object=step.name, severity=severity, title=title, remedy=remedy)
