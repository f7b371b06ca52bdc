"""A shop with backups, whose restore tests are run as a task runs them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.backups.world import Shelf, in_folder, quiet
from tests.lab import Lab, Past, asking
from upkeep.answer import Answer
from upkeep.backups.registry import Record, Registry
from upkeep.drills.choice import Past as Earlier
from upkeep.duty import Duty, History, Progress
from upkeep.runner import ask
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.sources.rows import Rows
from upkeep.targets.database import Database
from upkeep.window import Window

MONTH = Window(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
SCHEMA = """
    create table orders (id int primary key, total numeric, placed_at timestamptz not null, day date, loose timestamp);
    insert into orders select i, i * 1.5, '2026-10-30 12:00+00'::timestamptz - i * interval '1 minute', '2026-10-30', '2026-10-30'
    from generate_series(1, 500) as i;
    create index on orders (placed_at);
    create table empty_one (id int);
"""


@dataclass
class World:
    """A database, its backups, and what its inventory says."""

    lab: Lab
    shelf: Shelf
    folder: Path
    past: list[Earlier] = field(default_factory=list)
    history: Past = field(default_factory=Past)
    away: bool = False
    keys: dict[str, str] = field(default_factory=dict)

    def take(self, **more: Any) -> Record:
        """One backup of now."""
        return self.shelf.take(self.lab.endpoint, **more)

    def postgres(self, connection_id: str) -> Endpoint:
        """The source, by whatever id."""
        assert connection_id
        return Endpoint("127.0.0.1", 1, "nobody", "x", "gone") if self.away else self.lab.endpoint

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """The folder."""
        assert connection_id is None
        return open_store(url)

    def key(self, connection_id: str) -> str:
        """The private key of this id."""
        return self.keys[connection_id]

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:
        """Nobody asks."""
        raise AssertionError(connection_id, service, region)

    def database(self, **fields: Any) -> Database:
        """The target."""
        usual = {"name": "shop", "owner": "ann", "connection": "shop", "backup": {"to": self.folder.as_uri()}}
        return Database(**{**usual, **fields})

    def ask(
        self, duty: Duty, progress: Callable[..., None] = quiet, fields: Mapping[str, Any] | None = None, **thresholds: Any
    ) -> Answer:
        """Put the question as the runner does."""
        db = self.database(**(fields or {}), thresholds={duty.name: thresholds})
        past: Any = lambda asker, kind, params: self.past if asker and kind and params else []  # noqa: E731 - stands for Rows
        given = {Registry: self.shelf.rows, Rows: past, History: self.history, Progress: progress}
        return ask(asking(duty, db, self, window=self.shelf.rows.window), given)


def world_of(lab: Lab, folder: Path) -> World:
    """A shop without backups, in the month of October."""
    lab.run(SCHEMA)
    shelf = in_folder(folder)
    shelf.rows.window, shelf.rows.asked_at = MONTH, datetime.now(UTC) + timedelta(minutes=1)
    return World(lab, shelf, folder)
