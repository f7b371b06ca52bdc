"""What tests of backups share: rows in memory, a store in a folder, one backup taken."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from upkeep.backups.definitions import Definitions
from upkeep.backups.registry import Record, Restoration
from upkeep.backups.shelf import place_of
from upkeep.backups.stages import Stages
from upkeep.backups.take import Taking
from upkeep.errors import ClaimedError
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.targets.database import Backup
from upkeep.window import Window

DAY = Window(datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))


@dataclass
class Rows:
    """A registry in memory."""

    window: Window = DAY
    asked_at: datetime = datetime(2026, 11, 23, 0, 10, tzinfo=UTC)
    backups: dict[str, Record] = field(default_factory=dict)
    restores: dict[str, Restoration] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    installation: str = "00000000-0000-0000-0000-000000000001"

    @contextmanager
    def claimed(
        self,
        *names: str,
        say: Callable[[str], None] | None = None,  # noqa: ARG002 - nobody waits
        wait: bool = True,  # noqa: ARG002
    ) -> Iterator[None]:
        """Nobody else is here, but for what is `taken`."""
        assert names
        if self.taken & set(names):
            raise ClaimedError(f"{min(self.taken & set(names))}: claimed by worker-2, process 7")
        yield

    def assert_claimed(self, *names: str) -> None:
        """It always is."""
        assert names

    def records(self, target: str) -> list[Record]:
        """Newest first."""
        found = [r for r in self.backups.values() if r.target == target]
        return sorted(found, key=lambda r: (r.begun_at, r.id), reverse=True)

    def put(self, record: Record) -> None:
        """Replace by id."""
        self.backups[record.id] = record

    def restorations(self, target: str) -> list[Restoration]:
        """Newest first."""
        return sorted((r for r in self.restores.values() if r.target == target), key=lambda r: r.begun_at, reverse=True)

    def put_restoration(self, restoration: Restoration) -> None:
        """Replace by id."""
        self.restores[restoration.id] = restoration


def quiet(step: str, text: str = "") -> None:
    """Progress that nobody watches."""
    assert step
    assert text is not None


@dataclass
class Shelf:
    """A store and its rows, for taking backups of one target."""

    store: ObjectStore
    rows: Rows = field(default_factory=Rows)
    target: str = "shop"

    @property
    def place(self) -> ObjectStore:
        """The target's folder."""
        return place_of(self.store, self.target)

    def take(self, source: Endpoint, progress: Callable[..., None] = quiet, **plan: object) -> Record:
        """One backup."""
        made = Backup.model_validate({"to": "file:///unused", **plan})
        return Taking(self.target, source, made, self.place, self.rows, Stages(progress)).run()


def in_folder(folder: Path, target: str = "shop") -> Shelf:
    """A shelf in a local folder."""
    return Shelf(open_store(folder.as_uri()), target=target)


def dump_globals(endpoint: Endpoint, folder: Path) -> str:
    """What pg_dumpall of this folder writes of the server's roles, as a backup holds it."""
    with endpoint.connect("a test") as connection:
        major = connection.info.server_version // 10000
    return Definitions(endpoint, "upkeep globals", folder, major).globals(passwords=False)
