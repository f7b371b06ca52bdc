"""A shop whose backups pgBackRest or Barman takes, whose restore tests are run as a task runs them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.backups.world import in_folder, quiet
from tests.drills.world import MONTH, SCHEMA
from tests.lab import Past, asking
from upkeep.answer import Answer
from upkeep.backups.registry import Registry
from upkeep.drills.drill import DrillStep
from upkeep.drills.outcome import RestoreTest
from upkeep.duty import Duty, History, Progress
from upkeep.jobs.backups.disaster_drill import disaster_drill
from upkeep.jobs.backups.restore_test import restore_test
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.sources.rows import Rows
from upkeep.sources.scratch import ScratchServer
from upkeep.targets.database import Database


@dataclass
class Shop:
    """A server with a database `shop`, and the tool that takes its backups. `away` is production lost."""

    server: ScratchServer
    taken_by: str
    folder: Path
    away: bool = False
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def endpoint(self) -> Endpoint:
        """Where production is."""
        there = self.server.endpoint("shop")
        return replace(there, port=1) if self.away else there

    def run(self, sql: str, database: str = "shop") -> None:
        """Statements of the owner's, each by itself."""
        with self.server.endpoint(database).connect("plant") as connection:
            for each in sql.split(";"):
                if each.strip():
                    connection.execute(each.encode())

    def ask(
        self, progress: Callable[..., None] = quiet, fields: Mapping[str, Any] | None = None, duty: Duty = restore_test,
        **thresholds: Any,
    ) -> Answer:  # fmt: skip
        """Put the question as the runner does."""
        shelf = in_folder(self.folder)
        shelf.rows.window, shelf.rows.asked_at = MONTH, datetime.now(UTC) + timedelta(minutes=1)
        usual = {"name": "shop", "owner": "ann", "connection": "shop", "backup": {"taken_by": self.taken_by, "name": "main"}}
        db = Database(**{**usual, **self.fields, **(fields or {})}, thresholds={duty.name: thresholds})
        none: Any = lambda *_: []  # noqa: E731 - stands for Rows
        given = {Registry: shelf.rows, Rows: none, History: Past(), Progress: progress}
        return ask(asking(duty, db, OneDatabase(self.endpoint), window=MONTH), given)


def shop(server: ScratchServer, taken_by: str, folder: Path) -> Shop:
    """A new shop on this server."""
    made = Shop(server, taken_by, folder)
    made.run("create database shop", "postgres")
    made.run(SCHEMA)
    return made


STEPS: list[dict[str, Any]] = [
    {"name": "restore it", "restore": "newest", "expected": "10 min", "covers": ["server"]},
    {"name": "starts", "check": "starts", "expected": "1 min"},
    {"name": "sound", "check": "amcheck", "expected": "5 min"},
    {"name": "orders", "query": "select count(*) from orders", "at_least": 500, "expected": "1 min"},
    {"name": "its own", "command": ["psql", "-XAtc", "select count(*) from orders"], "expected": "1 min"},
]


def drill(
    shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch, steps: Sequence[dict[str, Any]] = STEPS, **more: Any
) -> Answer:
    """The plan of these steps, carried out with the newest backup of its tool."""
    monkeypatch.setenv("UPKEEP_INVENTORY", str(folder / "inventory.yaml"))
    (folder / "plan.yaml").write_text(yaml.safe_dump({"steps": list(steps)}))
    return shop.ask(fields={"drill": "plan.yaml"}, duty=disaster_drill, **more)


def results(answer: Answer) -> dict[str, tuple[str, str]]:
    """What came of each step, and what was said of it."""
    return {step.name: (step.result, step.message) for step in answer.records if isinstance(step, DrillStep)}


def row(answer: Answer, number: int = 0) -> RestoreTest:
    """One row of an answer."""
    found = answer.records[number]
    assert isinstance(found, RestoreTest)
    return found


def explained(answer: Answer) -> str:
    """All that went wrong, for a test that fails."""
    return "\n".join([answer.summary, *(each.title for each in answer.findings)])
