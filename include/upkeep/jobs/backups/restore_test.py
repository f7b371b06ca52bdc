"""Backups restored, compared and looked at: what only a restore can show."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from upkeep.answer import Answer, Finding, Metric, Status
from upkeep.backups.registry import Registry, backups_of
from upkeep.backups.shelf import own_plan
from upkeep.drills.choice import NEWEST, ROTATION, Choice, Past, Rotation, choose
from upkeep.drills.foreign_testing import ForeignTesting
from upkeep.drills.foreign_tool import foreign_tool
from upkeep.drills.objectives import POINT, TIME, Measured, judge, metrics
from upkeep.drills.outcome import Seen, Tested
from upkeep.drills.stages import ORDER
from upkeep.drills.testing import Testing
from upkeep.duty import History, Progress, job
from upkeep.errors import CannotAskError, UpkeepError
from upkeep.humanize import plural, span
from upkeep.sources.connections import Connections
from upkeep.sources.postgres import session
from upkeep.sources.rows import Rows
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_COMPARED_DAYS = 1500
_SIZE = "select pg_catalog.pg_database_size(pg_catalog.current_database())"


@job(Cadence.MONTHLY, owner="database", hours=8, queue="heavy", at_once=1)
def restore_test(
    db: Database,
    connections: Connections,
    registry: Registry,
    rows: Rows,
    history: History,
    progress: Progress,
    *,
    drawn: int = 1,
    rotation_days: float = 90,
    jobs: int = 2,
    min_share: float = 0.3,
    stale_heartbeat_h: float = 26,
    forecast_days: float = 180,
    dry_run: bool = False,
) -> Answer:
    """
    Backups restored, compared and looked at: what only a restore can show.

    The newest backup and `drawn` more by lot (by target and window: a rerun draws the same) are restored into a server that ends
    with the task, compared with their manifest row by row, stopped, started and asked; amcheck goes through every index and
    page; the owner's smoke queries must answer as expected; and the newest heartbeat in the copy is the recovery point. Times by
    stage and the point are judged by `rto` and `rpo`, and the day on which they will be missed is foretold. Every other retained
    backup is read back within `rotation_days`, so that a flipped byte is found by then; what was found whole within it is not
    looked at again. Backups of pgBackRest and Barman are restored by these tools, the newest rolled forward to the end of the
    WAL, and compared with production's catalogue. Production is asked for that and its size alone. A task that is killed
    leaves a server that ends with it and a folder that the next one sweeps: run again, it tests the same from the start.
    """
    begun = time.monotonic()
    testing = _testing(db, connections, registry, progress, jobs)
    past = rows(__file__, Past, {"target": db.name, "before": registry.window.start})
    chosen = _chosen(testing, past, registry, timedelta(days=rotation_days), drawn)
    if dry_run:
        return _planned(chosen)
    found = time.monotonic() - begun
    tested = [_with_find(testing.test(choice), found) for choice in chosen]
    measured = _measured(testing, tested[0], history, min_share, stale_heartbeat_h, forecast_days)
    return _answer(tested, measured)


def _testing(
    db: Database, connections: Connections, registry: Registry, progress: Progress, jobs: int
) -> Testing | ForeignTesting:
    """By the tool that takes this database's backups, else by ourselves."""
    progress("choose", f"among the backups of {db.name}")
    tool = foreign_tool(db, registry)
    if tool:
        return ForeignTesting(db, tool, connections, registry.asked_at, progress, jobs)
    return Testing(db, connections, registry, progress, jobs)


def _chosen(
    testing: Testing | ForeignTesting, past: Sequence[Past], registry: Registry, within: timedelta, drawn: int
) -> list[Choice]:
    """What is tested, the newest first. Raises CannotAskError when there is nothing."""
    if isinstance(testing, ForeignTesting):
        chosen = testing.tool.chosen(past, registry, within, drawn)
    else:
        chosen = _own(testing.db, registry, past, within, drawn)
    if not chosen:
        raise CannotAskError("there is no whole backup to restore", "see backup_completed; take one: clear the task of `backup`")
    return chosen


def _measured(
    testing: Testing | ForeignTesting, newest: Tested, history: History, min_share: float, stale_h: float, forecast_days: float
) -> Measured:
    """The newest one's test beside the size of production and the tests before."""
    return Measured(
        db=testing.db, row=newest.row, source_bytes=_source_bytes(testing.db, testing.connections), min_share=min_share,
        stale_h=stale_h, times=history.metrics(TIME, _COMPARED_DAYS), ages=history.metrics(POINT, _COMPARED_DAYS),
        forecast_days=forecast_days,
    )  # fmt: skip


def _own(db: Database, registry: Registry, past: Iterable[Past], within: timedelta, drawn: int) -> list[Choice]:
    """Among Upkeep's own backups. Raises CannotAskError when somebody else takes them whose restore is not tested here."""
    own_plan(db, "and restore them by its own tools")
    with registry.claimed(backups_of(db.name)):
        return choose(registry.records(db.name), past, Rotation(registry.window, within), db.name, drawn=drawn)


def _planned(chosen: Sequence[Choice]) -> Answer:
    verbs = ("read back", "restore")
    lines = [f"would {verbs[c.chosen_as != ROTATION]} {c.record.id} ({c.chosen_as}): {c.why}" for c in chosen]
    text = "; ".join(lines)
    return Answer.judged(f"{text}; dry run, nothing was changed", evidence={"dry_run": True, "would": lines})


def _with_find(tested: Tested, found: float) -> Tested:
    """Choosing is part of a recovery too, and is the same for each."""
    row = tested.row
    if row.recovery_seconds is None:
        return tested
    seconds = {**row.seconds, "find": round(row.seconds.get("find", 0) + found, 3)}
    ordered = {stage: seconds[stage] for stage in ORDER if stage in seconds}
    return replace(tested, row=replace(row, seconds=ordered, recovery_seconds=round(sum(ordered.values()), 3)))


def _source_bytes(db: Database, connections: Connections) -> int | None:
    """The size of production, to say how much data a time was measured on; a test does not need production to be there."""
    try:
        with session(
            connections.postgres(db.connection), "upkeep restore_test", statement_timeout_s=db.statement_timeout_s
        ) as pg:
            return int(pg.value(_SIZE))
    except UpkeepError:
        return None


def _answer(tested: Sequence[Tested], measured: Measured) -> Answer:
    seen = Seen([f for each in tested for f in each.findings], [line for each in tested for line in each.unsure])
    if measured.row.recovery_seconds is not None:
        judge(measured, seen)
    findings = _each_once(seen.findings)
    status = Status.BREACH if findings else Status.UNKNOWN if seen.unsure else Status.OK
    summary = "; ".join([_summary(tested, measured), *(f"unknown: {line}" for line in seen.unsure)])
    read_back = sum(each.row.result in {"whole", "proven"} for each in tested)
    answer = Answer.judged(
        summary, findings=findings, records=[each.row for each in tested],
        metrics=[*metrics(measured), Metric(name="backups_proven_or_read", value=read_back, unit=Unit.COUNT)],
        evidence={"tested": {each.row.backup_id: each.row.result for each in tested}, "measured_on": measured.measured_on,
                  "unknown": seen.unsure, "rto": measured.db.rto, "rpo": measured.db.rpo, "dry_run": False},
    )  # fmt: skip
    return replace(answer, status=status)


def _each_once(findings: Iterable[Finding]) -> list[Finding]:
    """What two backups have wrong alike is told of the first, which is the newest."""
    return list({(f.rule, f.object): f for f in reversed(list(findings))}.values())


def _summary(tested: Sequence[Tested], measured: Measured) -> str:
    row = measured.row
    restored = [each.row for each in tested if each.row.chosen_as != ROTATION]
    proven = sum(each.result == "proven" for each in restored)
    parts = [f"{proven} of {plural(len(restored), 'backup')} restored and proven"]
    if row.recovery_seconds is not None and row.chosen_as == NEWEST:
        parts.append(f"recovery in {span(row.recovery_seconds)}, measured on {measured.measured_on}")
    if row.recovery_point is not None:
        parts.append(f"recovery point {row.recovery_point:%Y-%m-%d %H:%M} UTC ({row.recovery_point_from})")
    turns = [each.row for each in tested if each.row.chosen_as == ROTATION]
    if turns:
        whole = sum(each.result == "whole" for each in turns)
        parts.append(f"{whole} of {plural(len(turns), 'older one')} read back and whole")
    return "; ".join(parts)
