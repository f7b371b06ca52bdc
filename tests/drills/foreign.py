"""A shop whose backups pgBackRest or Barman takes, whose restore tests are run as a task runs them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.backups.world import in_folder, quiet
from tests.drills.world import MONTH, SCHEMA
from tests.lab import Past, asking
from upkeep.answer import Answer
from upkeep.backups.registry import Registry
from upkeep.drills.outcome import RestoreTest
from upkeep.duty import History, Progress
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

    def ask(self, progress: Callable[..., None] = quiet, fields: Mapping[str, Any] | None = None, **thresholds: Any) -> Answer:
        """Put the question as the runner does."""
        shelf = in_folder(self.folder)
        shelf.rows.window, shelf.rows.asked_at = MONTH, datetime.now(UTC) + timedelta(minutes=1)
        usual = {"name": "shop", "owner": "ann", "connection": "shop", "backup": {"taken_by": self.taken_by, "name": "main"}}
        db = Database(**{**usual, **self.fields, **(fields or {})}, thresholds={"restore_test": thresholds})
        none: Any = lambda *_: []  # noqa: E731 - stands for Rows
        given = {Registry: shelf.rows, Rows: none, History: Past(), Progress: progress}
        return ask(asking(restore_test, db, OneDatabase(self.endpoint), window=MONTH), given)


def shop(server: ScratchServer, taken_by: str, folder: Path) -> Shop:
    """A new shop on this server."""
    made = Shop(server, taken_by, folder)
    made.run("create database shop", "postgres")
    made.run(SCHEMA)
    return made


def row(answer: Answer, number: int = 0) -> RestoreTest:
    """One row of an answer."""
    found = answer.records[number]
    assert isinstance(found, RestoreTest)
    return found


def said(answer: Answer) -> str:
    """All that went wrong, for a test that fails."""
    return "\n".join([answer.summary, *(each.title for each in answer.findings)])
