"""Restore test and drill ended by SIGKILL: their servers end with them, their folders are swept, a rerun ends right."""

import multiprocessing
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.drills.world import World, world_of
from tests.lab import Lab
from upkeep.answer import Status
from upkeep.duty import Duty
from upkeep.jobs.backups.disaster_drill import disaster_drill
from upkeep.jobs.backups.restore_test import restore_test
from upkeep.sources.scratch import installed

STEPS = [
    {"name": "restore it", "restore": "newest", "expected": "1 h", "covers": ["server", "roles", "left out"]},
    {"name": "wait", "command": ["sleep", "0.1"], "expected": "1 min"},
    {"name": "orders", "query": "select count(*) from orders", "expect": 500, "expected": "1 min"},
]


def killed_at(world: World, duty: Duty, step: str, fields: dict[str, Any]) -> None:
    """Put the question in a process of its own that is gone at this step."""

    def die(now: str, text: str = "") -> None:
        if now == step:
            os.kill(os.getpid(), signal.SIGKILL if text is not None else 0)

    child = multiprocessing.get_context("fork").Process(target=world.ask, args=(duty, die, fields))
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL


def servers_in(folder: Path) -> list[str]:
    """Command lines of servers whose data lies there."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            args = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        found += [" ".join(args)] if str(folder) in " ".join(args) and "postgres" in args[0] else []
    return found


@pytest.mark.fault
@pytest.mark.slow
@pytest.mark.skipif(not installed(), reason="no server here")
@pytest.mark.parametrize(
    ("duty", "step"),
    [(restore_test, "rows"), (restore_test, "amcheck"), (disaster_drill, "step restore"), (disaster_drill, "step query")],
    ids=lambda each: each.name if isinstance(each, Duty) else each,
)
def test_a_killed_one_leaves_nothing_after_the_next(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, duty: Duty, step: str
) -> None:
    (tmp_path / "own").mkdir()
    for folder in (tmp_path, tmp_path / "own"):
        folder.chmod(0o755)  # servers run as another user
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "own"))
    monkeypatch.setenv("UPKEEP_INVENTORY", str(tmp_path / "inventory.yaml"))
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump({"steps": STEPS}))
    world, fields = world_of(lab, tmp_path / "store"), {"drill": "plan.yaml"}
    world.take()
    killed_at(world, duty, step, fields)
    deadline = time.monotonic() + 30
    while servers_in(tmp_path / "own") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert servers_in(tmp_path / "own") == [], "it ends with its process"
    answer = world.ask(duty, fields=fields)
    assert answer.status is Status.OK, answer.summary
    assert [path.name for path in (tmp_path / "own").iterdir() if path.name.startswith("upkeep-scratch-")] == []
