"""The owner's written plan for a disaster, carried out on a server of our own."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from upkeep.answer import Answer, Finding, Metric, Severity, Status
from upkeep.backups import readback
from upkeep.backups.manifest import DamagedError, Manifest
from upkeep.backups.private_keys import keys_for
from upkeep.backups.registry import Record, Registry
from upkeep.backups.restore_request import check_here
from upkeep.backups.scratch_restore import fitting, scratch_server, wal_settings
from upkeep.backups.shelf import folder_of, own_plan
from upkeep.drills.choice import Rotation, choose
from upkeep.drills.drill import DONE, FAILED, MISSING, UNKNOWN, Drill, DrillStep
from upkeep.drills.needs import Need, missing
from upkeep.drills.network import WHY_NOT, shut_off
from upkeep.drills.plan import Plan, read
from upkeep.drills.room import check_room
from upkeep.duty import Progress, job
from upkeep.errors import CannotAskError, InventoryError, UpkeepError
from upkeep.humanize import plural, span
from upkeep.sources.connections import Connections
from upkeep.sources.objects import ObjectStore
from upkeep.sources.postgres import Endpoint
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

# Beside its data: a program without a network finds it there.
_SOCKET = {"unix_socket_directories": "."}
_DECLARE = "drill: plans/shop.yaml   # beside the inventory: steps, each with its expected time (docs/restore-tests.md)"


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a drill begins with."""

    plan: Plan
    backup: Record
    place: ObjectStore
    manifest: Manifest
    keys: tuple[str, ...] = field(default=(), repr=False)

    @property
    def needed(self) -> list[Need]:
        """What no step of the plan has."""
        return list(missing(self.plan.steps, self.manifest))


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
    environment and a password file and nothing else, no shell, no network where this machine lets us, and an end. What a person
    does is not done, only counted. A step that fails is a finding, as is one that takes more than `slower` times what the plan
    says, and what the recovery needed but no step has. No step may name production, which is never touched. It leaves out DNS
    and people. A task that is killed leaves a server and programs that end with it, and no other trace: run again, it drills
    from the start.
    """
    own_plan(db, "whose own restore is not drilled here yet")
    scene = _scene(db, connections, registry)
    if dry_run:
        return _planned(scene)
    begun = time.monotonic()
    with _server(scene, registry) as drill:
        drill.production = _production(db, connections)
        drill.progress = progress
        started = time.monotonic() - begun
        steps = list(drill.run())
    steps += _needed(scene, steps, {"server": started})
    return _answer(db, scene, steps, slower, _network(scene, drill))


def _scene(db: Database, connections: Connections, registry: Registry) -> _Scene:
    if db.drill is None:
        raise CannotAskError("no written plan for a disaster is declared", _DECLARE)
    try:
        plan = read(db.drill)
    except InventoryError as error:
        raise CannotAskError(f"the plan cannot be read: {error}", "correct the file") from error
    chosen = choose(registry.records(db.name), (), Rotation(registry.window, timedelta(days=1)), db.name, drawn=0)
    if not chosen:
        raise CannotAskError("there is no whole backup to drill with", "see backup_completed")
    record = chosen[0].record
    place = folder_of(record, db, connections)
    check_here(record, place)
    try:
        manifest = readback.read_manifest(place, record.id, record.manifest_sha256)
    except DamagedError as error:
        raise CannotAskError(f"the newest backup is damaged: {error}", "see restore_test; take another one") from error
    return _Scene(plan, record, place, manifest, keys_for(manifest, db, connections))


@contextmanager
def _server(scene: _Scene, registry: Registry) -> Iterator[Drill]:
    check_room(scene.manifest.raw_bytes, "newest backup")
    with scratch_server(fitting(scene.manifest, None), {**wal_settings(scene.manifest), **_SOCKET}) as server:
        yield Drill(scene.plan, scene.backup, scene.place, scene.manifest, server, None, registry, lambda *_: None, scene.keys)


def _production(db: Database, connections: Connections) -> Endpoint | None:
    try:
        return connections.postgres(db.connection)
    except UpkeepError:
        return None  # a disaster may have taken the connection too


def _network(scene: _Scene, drill: Drill) -> str:
    """How far the plan's programs could reach."""
    if not any(step.kind == "command" for step in scene.plan.steps):
        return "no program was run"
    if not drill.open_network:
        return "shut off from the plan's programs"
    asked = [step.name for step in scene.plan.steps if step.network]
    return f"left to {', '.join(asked)}, as the plan says" if shut_off() else f"not shut off: {WHY_NOT}"


def _needed(scene: _Scene, steps: Sequence[DrillStep], took: dict[str, float]) -> list[DrillStep]:
    first = steps[0]
    return [
        replace(
            first, number=len(steps) + place, name=need.name, kind="needed", result=MISSING, said=need.why,
            expected_seconds=None, seconds=round(took[need.name], 3) if need.name in took else None,
        )
        for place, need in enumerate(scene.needed, 1)
    ]  # fmt: skip


def _planned(scene: _Scene) -> Answer:
    lines = [f"{step.kind}: {step.name} ({span(step.expected)})" for step in scene.plan.steps]
    lacks = [f"the plan lacks {need.name}: {need.why}" for need in scene.needed]
    text = "; ".join([f"would drill with backup {scene.backup.id}", *lines, *lacks, "dry run, nothing was changed"])
    return Answer.judged(text, evidence={"dry_run": True, "would": lines, "lacks": lacks})


def _answer(db: Database, scene: _Scene, steps: Sequence[DrillStep], slower: float, network: str) -> Answer:
    findings = list(_findings(db, scene.plan, steps, slower))
    unsure = [f'"{step.name}": {step.said}' for step in steps if step.result == UNKNOWN]
    done, took = sum(step.result == DONE for step in steps), sum(step.seconds or 0 for step in steps if step.kind != "needed")
    summary = (
        f"{done} of {plural(len(scene.plan.steps), 'step')} done in {span(took)} (planned {span(scene.plan.expected_s)}), "
        f"{plural(sum(step.result == FAILED for step in steps), 'failure')}, "
        f"{plural(sum(step.result == MISSING for step in steps), 'step')} lacking in the plan, with backup {scene.backup.id}"
        + ("" if network.startswith(("shut off", "no program")) else f"; the network was {network}")
    )
    answer = Answer.judged(
        "; ".join([summary, *(f"unknown: {line}" for line in unsure)]), findings=findings, records=steps,
        metrics=[Metric(name="drill_time", value=took, unit=Unit.SECONDS),
                 Metric(name="drill_planned", value=scene.plan.expected_s, unit=Unit.SECONDS)],
        evidence={"backup": scene.backup.id, "plan_sha256": scene.plan.sha256, "network": network,
                  "dry_run": False},
    )  # fmt: skip
    return replace(answer, status=Status.UNKNOWN) if unsure and not findings else answer


def _findings(db: Database, plan: Plan, steps: Iterable[DrillStep], slower: float) -> Iterator[Finding]:
    for step in steps:
        if step.result == FAILED:
            yield _of_step("step_failed", step, Severity.HIGH, f'step "{step.name}" of the plan failed: {step.said}')
        elif step.result == MISSING:
            title = f"the plan has no step for {step.name}: {step.said}"
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
