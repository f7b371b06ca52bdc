"""Restore tests in a report database, as their runs would have stored them."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.lab import Lab
from upkeep.answer import Answer
from upkeep.drills.drill import DrillStep
from upkeep.drills.outcome import RestoreTest
from upkeep.duty import Duty
from upkeep.jobs.backups.disaster_drill import disaster_drill
from upkeep.jobs.backups.restore_test import restore_test
from upkeep.store.answers import Provenance, save
from upkeep.window import Window

SECONDS = {
    "find": 0.2,
    "server": 1.1,
    "fetch": 0.3,
    "pre-data": 14,
    "data": 640.5,
    "post-data": 300.25,
    "compare": 41,
    "check": 30,
}


def a_test(at: datetime, **more: Any) -> RestoreTest:
    """One proven test of the newest backup."""
    usual: dict[str, Any] = {
        "backup_id": f"{at:%Y%m%dT%H%M%SZ}-abcdef", "chosen_as": "newest", "result": "proven", "message": "as backed up",
        "tested_at": at, "snapshot_at": at - timedelta(hours=5), "server_version": 18, "rows": 5_250_012, "copy_bytes": 3 * 10**9,
        "seconds": SECONDS, "recovery_seconds": sum(SECONDS.values()), "recovery_point": at - timedelta(hours=5, minutes=1),
        "recovery_point_from": "heartbeat", "indexes_checked": 212, "tables_checked": 80,
        "smoke": {"orders": {"verdict": "right", "found": "500"}}, "manifest_sha256": "cd" * 32,
        "objects": {"rows/1.copy.zst": "ab" * 32},
    }  # fmt: skip
    return RestoreTest(**{**usual, **more})


def put(lab: Lab, target: str, window: Window, tests: Sequence[RestoreTest], **evidence: Any) -> None:
    """Store the answer of one window with its rows."""
    _put(lab, restore_test, target, window, Answer.judged("2 proven", records=tests, evidence=evidence))


def months(count: int) -> list[Window]:
    """The last so many months, oldest first."""
    ends = [datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)]
    while len(ends) <= count:
        ends.append((ends[-1] - timedelta(days=1)).replace(day=1))
    return [Window(start, end) for end, start in itertools.pairwise(ends)][::-1]


def a_step(at: datetime, number: int, **more: Any) -> DrillStep:
    """One step of a drill that was done in half its time."""
    usual: dict[str, Any] = {
        "number": number, "name": f"step {number}", "kind": "command", "result": "done", "message": "exit status 0",
        "tested_at": at, "backup_id": "20261001T010000Z-abcdef", "plan_sha256": "ef" * 32,
        "expected_seconds": 60.0, "seconds": 30.0,
    }  # fmt: skip
    return DrillStep(**{**usual, **more})


def put_drill(lab: Lab, target: str, window: Window, steps: Sequence[DrillStep], **evidence: Any) -> None:
    """Store the drill of one window with its steps."""
    _put(lab, disaster_drill, target, window, Answer.judged("drilled", records=steps, evidence=evidence))


def _put(lab: Lab, duty: Duty, target: str, window: Window, answer: Answer) -> None:
    cadence = duty.cadence.value
    by = Provenance(cadence, "scheduled__x", f"backups.{duty.name}", 0, 1, window.end, 1)
    with lab.endpoint.connect("put") as connection:
        connection.execute(
            "insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)"
            " values (%(cadence)s, %(start)s, %(end)s, %(cadence)s, 'scheduled__x', 'scheduled', 't', now())"
            " on conflict do nothing",
            {"cadence": cadence, "start": window.start, "end": window.end},
        )
        save(connection, duty, target, window, answer, by)
