"""backup: what the job says of a backup that is whole, of one that is not, and where none can be taken."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.backups.world import Rows, quiet
from tests.lab import Lab, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.backups.manifest import NAME
from upkeep.backups.registry import State
from upkeep.errors import BrokenError, CannotAskError
from upkeep.jobs.backups.backup import backup
from upkeep.sources import hashed
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.targets.database import Backup, Database


@dataclass
class World:
    """One database and one folder."""

    endpoint: Endpoint
    folder: Path
    rows: Rows = field(default_factory=Rows)
    asked: list[str | None] = field(default_factory=list)

    def postgres(self, connection_id: str) -> Endpoint:
        """The database."""
        self.asked.append(connection_id)
        return self.endpoint

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """The folder."""
        self.asked.append(connection_id)
        assert url
        return open_store(f"file://{self.folder}")

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:
        """No result for."""
        raise NotImplementedError(connection_id, service)

    def take(self, **plan: Any) -> Answer:
        """Run the job."""
        made = Backup.model_validate({"to": "s3://bucket/x", "connection": "store", **plan})
        db = Database(name="shop", owner="on-call", connection="shop_db", backup=made)
        return backup.ask(db, self, self.rows, quiet)


@pytest.fixture
def world(lab: Lab, tmp_path: Path) -> World:
    """A small database and an empty store."""
    lab.run("create table orders as select i as id, 'row ' || i as text from generate_series(1, 1234) as i")
    return World(lab.endpoint, tmp_path)


@pytest.mark.baseline
def test_a_backup_that_was_read_back_is_ok_with_its_numbers(world: World) -> None:
    answer = world.take()
    assert answer.status is Status.OK
    assert "1,234 rows in 1 table" in answer.summary
    assert "every object read back" in answer.summary
    metrics = {metric.name: metric.value for metric in answer.metrics}
    assert metrics["backup_rows"] == 1234
    assert metrics["backup_stored_bytes"] > 0
    assert open_store(str(answer.evidence["location"]).replace("s3://", "file://")).exists(NAME)
    assert {"shop_db", "store"} == set(world.asked)


@pytest.mark.near_miss
def test_a_login_of_its_own_and_an_empty_database_are_fine(lab: Lab, world: World) -> None:
    lab.run("drop table orders")
    answer = world.take(login="shop_backup")
    assert answer.status is Status.OK
    assert "0 rows in 0 tables" in answer.summary
    assert "shop_backup" in world.asked


@pytest.mark.fault
def test_a_store_that_gives_back_something_else_is_a_critical_finding(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    true_sum = hashed.sum_of

    def bent(place: ObjectStore, name: str, *more: Any) -> hashed.Sum:
        true = true_sum(place, name, *more)
        return replace(true, sha256=true.sha256[::-1]) if name.startswith("definitions") else true

    monkeypatch.setattr(hashed, "sum_of", bent)
    answer = world.take()
    assert rules(answer) == [("backup_not_as_stored", "backup")]
    assert answer.worst is Severity.CRITICAL
    assert [record.state for record in world.rows.records("shop")] == [State.FAILED]
    assert not any(world.folder.rglob("*.zst")), "what is not to be trusted is not left lying about"


@pytest.mark.fault
def test_a_database_that_is_away_breaks_the_question(world: World) -> None:
    world.endpoint = Endpoint("127.0.0.1", 1, "nobody", database="none")
    with pytest.raises(BrokenError, match="does not answer"):
        world.take()


def test_who_is_not_to_take_one_says_why(world: World) -> None:
    with pytest.raises(CannotAskError, match="taken by barman"):
        world.take(taken_by="barman", name="main")
    bare = Database(name="shop", owner="on-call", connection="shop_db")
    with pytest.raises(CannotAskError, match="does not say where"):
        backup.ask(bare, world, world.rows, quiet)
