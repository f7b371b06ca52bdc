"""What tests of the archive share: a table with old rows, a store in a folder, one run of the job."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.backups.world import Rows, quiet
from tests.lab import Lab
from upkeep.answer import Answer
from upkeep.archive.place import Place, place_of
from upkeep.archive.recorded import Recorded
from upkeep.archive.records import ArchiveBatch
from upkeep.duty import Deadline
from upkeep.jobs.database.archive import archive
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.targets.archive import Archive
from upkeep.targets.database import Database
from upkeep.targets.maintenance_plan import MaintenancePlan

VISITS = """
    create table visits (id bigint primary key, path text, seen_at timestamptz);
    insert into visits
    select i, '/product/' || i, '2024-01-15 00:00+00'::timestamptz + i * interval '1 hour' from generate_series(1, 2000) as i;
    insert into visits select i, 'new', now() from generate_series(5001, 5100) as i;
"""
OLD, NEW = 2000, 100


@dataclass
class World:
    """One database, one folder. `opened` makes a store; `files` stands before it, `endpoint` before the database."""

    lab: Lab
    folder: Path
    plans: list[dict[str, Any]] = field(default_factory=list)
    registry: Rows = field(default_factory=lambda: Rows(asked_at=datetime.now(UTC)))
    files: Any = None
    opened: Callable[[str], ObjectStore] = open_store
    endpoint: Endpoint | None = None
    target: str = "shop ä/1"
    login: MaintenancePlan | None = MaintenancePlan(login="m")  # noqa: RUF009 - it is frozen
    reported: list[Recorded] = field(default_factory=list)

    def plan(self, **fields: Any) -> "World":
        """Declare a table; visits by seen_at after a year unless said otherwise."""
        usual = {"table": "public.visits", "column": "seen_at", "keep": "1 year", "to": self.folder.as_uri()}
        self.plans.append({**usual, **fields})
        return self

    @property
    def database(self) -> Database:
        """The target."""
        plans = tuple(Archive(**plan) for plan in self.plans)
        return Database(name=self.target, owner="o", connection="c", lock_timeout_s=0.3, archive=plans, maintenance=self.login)

    def run(self, deadline_s: float = 600, **thresholds: Any) -> Answer:
        """The job."""
        deadline = Deadline(time.monotonic() + deadline_s, deadline_s)
        return archive.ask(self.database, self, self.registry, self._rows, deadline, quiet, **thresholds)

    def report(self, answer: Answer) -> None:
        """Store what an answer brings, as the runner does: rows of its window are replaced."""
        window = self.registry.window
        self.reported = [each for each in self.reported if (each.window_start, each.window_end) != (window.start, window.end)]
        for record in answer.records:
            if isinstance(record, ArchiveBatch):
                values = dict(zip(record.columns(), record.values(), strict=True))
                self.reported.append(Recorded(**values, window_start=window.start, window_end=window.end))

    def _rows(self, asker: str, row: type, params: Mapping[str, Any]) -> list[Any]:
        """The report database: what was reported of a table."""
        assert (asker.endswith("recorded.py"), row, params["target"]) == (True, Recorded, self.target)
        return [each for each in self.reported if each.archived_table == params["table"]]

    def postgres(self, connection_id: str) -> Endpoint:
        """The lab's database."""
        assert connection_id
        return self.endpoint or self.lab.endpoint

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """The folder."""
        assert connection_id is None
        store = self.opened(url)
        return replace(store, filesystem=self.files(store.filesystem)) if self.files else store

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:
        """Nobody asks."""
        raise AssertionError(connection_id, service, region)

    @property
    def place(self) -> Place:
        """The archive of the first table."""
        return place_of(self.opened(self.plans[0]["to"]), self.target, self.plans[0]["table"])

    @property
    def rows_folder(self) -> Path:
        """What any program may read as one table."""
        return Path(self.place.store.root) / "rows"

    def archived(self, what: str = "id") -> list[Any]:
        """What DuckDB reads of the folder, in order."""
        import duckdb

        if not any(self.rows_folder.rglob("*.parquet")):
            return []
        folder = f"read_parquet('{self.rows_folder}/**/*.parquet', hive_partitioning = true, union_by_name = true)"
        return [value for (value,) in duckdb.connect().execute(f"select {what} as x from {folder} order by 1").fetchall()]

    def ids(self) -> list[int]:
        """Ids in the table, in order."""
        with self.lab.endpoint.connect("look") as connection:
            return [number for (number,) in connection.execute(f"select id from {self.plans[0]['table']} order by 1".encode())]

    def files_there(self) -> Iterator[Path]:
        """Every published file."""
        return self.rows_folder.rglob("*.parquet")
