"""retention: old backups go, the manifest first; killed at any step, the next run heals; nothing else is ever touched."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.backups.world import DAY, Rows, quiet
from tests.lab import asking, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.backups.deletion import missing_from
from upkeep.backups.manifest import NAME, Manifest, StoredObject
from upkeep.backups.registry import HeldError, Record, Registry, Restoration, State
from upkeep.backups.shelf import place_of
from upkeep.errors import BrokenError
from upkeep.jobs.backups.retention import retention
from upkeep.runner import ask
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.targets.database import Database

NOW = DAY.end + timedelta(minutes=10)
STEPS = ("mark", "delete manifest", "delete objects", "note", "done")


class KilledError(BaseException):
    """Stands for the end of the process."""


@dataclass
class World:
    """A folder of backups and their rows."""

    folder: Path
    rows: Rows = field(default_factory=lambda: Rows(asked_at=NOW))
    target: str = "shop ä/1"

    @property
    def url(self) -> str:
        """Where backups go."""
        return (self.folder / "b").as_uri()

    def postgres(self, connection_id: str) -> Endpoint:
        """Nobody asks."""
        raise AssertionError(connection_id)

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:
        """Nobody asks."""
        raise AssertionError(connection_id, service, region)

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """The folder."""
        assert connection_id is None
        return open_store(url)

    def place(self, record: Record) -> ObjectStore:
        """The folder of one backup."""
        return place_of(open_store(self.url), self.target).at(record.id)

    def take(self, days_ago: int, **more: object) -> Record:
        """A tiny backup of so many days ago."""
        return self.take_in(open_store(self.url), days_ago, **more)

    def take_in(self, store: ObjectStore, days_ago: int, **more: object) -> Record:
        """One in this store."""
        at = NOW - timedelta(days=days_ago, minutes=5)
        made = f"{at:%Y%m%dT%H%M%SZ}-3f9c2a"
        place = place_of(store, self.target).at(made)
        place.put("definitions.dump.zst", b"toc")
        place.put("rows/1.copy.zst", b"rows")
        objects = (StoredObject("rows/1.copy.zst", 4, "x", 9), StoredObject("definitions.dump.zst", 3, "y", 9))
        manifest = Manifest(
            id=made, target=self.target, database={}, system_identifier="", encoding="UTF8", server_version=18, client_version=18,
            begun_at=at, snapshot_at=at, objects=objects, contents=(), sequences={}, entries=(),
        )  # fmt: skip
        place.put(NAME, manifest.to_json())
        record = Record(
            id=made, target=self.target, location=place.url, state=State.COMPLETE, window=DAY, begun_at=at, snapshot_at=at,
            verified_at=at, finished_at=at, stored_bytes=7, manifest_sha256=manifest.sha256,
        )  # fmt: skip
        self.rows.put(replace(record, **more))  # type: ignore[arg-type]
        return self.rows.backups[made]

    def ask(self, progress: Callable[..., None] = quiet, backup: Any = "usual", **thresholds: float | bool) -> Answer:
        """Run the job."""
        plan = {"to": self.url} if backup == "usual" else backup
        db = Database(name=self.target, owner="ann", connection="shop", backup=plan, thresholds={"retention": thresholds})
        return retention.ask(db, self, self.rows, progress, **{**retention.thresholds, **thresholds})

    def states(self) -> dict[str, State]:
        """How far each backup has got."""
        return {made: record.state for made, record in self.rows.backups.items()}

    def whole(self) -> None:
        """Every complete backup is whole; every deleted one is gone; nothing lies between."""
        for record in self.rows.backups.values():
            if record.state is State.COMPLETE:
                assert missing_from(self.place(record), record) is None
            else:
                assert record.state is State.DELETED
                assert record.deleted_at
                assert self.place(record).sizes() == {}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def fortnight(world: World) -> list[Record]:
    """Ten days, of which the rule of these tests lets two go."""
    return [world.take(days_ago) for days_ago in range(10)]


SHORT: dict[str, Any] = {"daily": 8, "weekly": 0, "monthly": 0}


@pytest.mark.baseline
def test_a_young_system_keeps_all(world: World) -> None:
    for days_ago in range(5):
        world.take(days_ago)
    answer = world.ask()
    assert (answer.status, answer.summary) == (Status.OK, "5 backups kept")
    assert answer.evidence["next_deletions"][0]["id"] == min(world.rows.backups)
    assert {m.name: m.value for m in answer.metrics} == {"backups_kept": 5, "backups_stored_bytes": 35}
    json.dumps(answer.evidence)
    world.whole()


@pytest.mark.baseline
def test_before_the_first_backup_there_is_nothing_to_do(world: World) -> None:
    answer = world.ask()
    assert (answer.status, answer.summary) == (Status.OK, "0 backups kept")


@pytest.mark.baseline
def test_what_falls_out_goes_and_nothing_else(world: World, fortnight: list[Record]) -> None:
    answer = world.ask(**SHORT)
    assert answer.status is Status.OK
    assert answer.summary == "8 backups kept; 2 deleted (14 B): 2026-11-14, 2026-11-15"
    gone = {record.id for record in fortnight[8:]}
    assert {made for made, state in world.states().items() if state is State.DELETED} == gone
    assert {each["id"] for each in answer.evidence["deleted"]} == gone
    world.whole()
    assert world.ask(**SHORT).summary == "8 backups kept"


@pytest.mark.near_miss
def test_a_dry_run_changes_nothing(world: World, fortnight: list[Record]) -> None:
    world.rows.put(replace(fortnight[9], state=State.DELETING))
    before = (dict(world.rows.backups), sorted(path.as_posix() for path in world.folder.rglob("*")))
    answer = world.ask(**SHORT, dry_run=True)
    assert answer.summary == "8 backups kept; would delete 1 (7 B): 2026-11-15; dry run, nothing was changed"
    assert answer.evidence["would_delete"][0]["id"] == fortnight[8].id
    assert before == (world.rows.backups, sorted(path.as_posix() for path in world.folder.rglob("*")))


@pytest.mark.near_miss
def test_held_and_proven_ones_stay(world: World, fortnight: list[Record]) -> None:
    world.rows.put(replace(fortnight[9], legal_hold="court case 12"))
    world.rows.put_restoration(
        Restoration(id="r", backup_id=fortnight[8].id, target=world.target, destination="x", state="proven", begun_at=NOW)
    )
    answer = world.ask(**SHORT)
    assert answer.summary == "10 backups kept"
    assert answer.evidence["kept"][fortnight[9].id] == ["legal hold: court case 12"]
    world.whole()


@pytest.mark.near_miss
def test_one_that_is_being_restored_stays_until_the_next_run(world: World, fortnight: list[Record]) -> None:
    world.rows.taken = {f"backup {fortnight[9].id}"}
    answer = world.ask(**SHORT)
    assert answer.status is Status.OK
    assert f"{fortnight[9].id} kept: it is being restored (backup {fortnight[9].id}: claimed by worker-2" in answer.summary
    assert answer.summary.startswith("9 backups kept; 1 deleted")
    assert world.states()[fortnight[9].id] is State.COMPLETE
    world.whole()
    world.rows.taken = set()
    assert "1 deleted" in world.ask(**SHORT).summary
    assert world.states()[fortnight[9].id] is State.DELETED


@pytest.mark.fault
def test_what_is_on_the_disk_of_another_worker_is_not_called_deleted(world: World, fortnight: list[Record]) -> None:
    for record in fortnight[8:]:
        world.place(record).delete_all()
        state = State.DELETING if record is fortnight[9] else State.COMPLETE
        world.rows.put(replace(record, host="worker-2", state=state))
    answer = world.ask(**SHORT)
    assert f"{fortnight[8].id} kept: it is on the local disk of worker-2, and this is " in answer.summary
    assert world.states()[fortnight[8].id] is State.COMPLETE
    assert world.states()[fortnight[9].id] is State.DELETING
    world.rows.put(replace(fortnight[0], host="worker-2"))
    world.place(fortnight[0]).delete_all()
    answer = world.ask(**SHORT)
    assert rules(answer) == [("newest_backup_not_whole", "backups")]
    assert "it is on the local disk of worker-2" in answer.summary


@pytest.mark.near_miss
def test_a_folder_that_several_workers_have_is_tidied_by_each(world: World, fortnight: list[Record]) -> None:
    for record in fortnight:
        world.rows.put(replace(record, host="worker-2"))
    assert "2 deleted" in world.ask(**SHORT).summary
    world.whole()


@pytest.mark.near_miss
def test_one_that_was_held_after_the_choice_stays(world: World, fortnight: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Rows.put

    def held(rows: Rows, record: Record) -> None:
        if record.id == fortnight[9].id and record.state is State.DELETING:
            raise HeldError(record.id)
        usual(rows, record)

    monkeypatch.setattr(Rows, "put", held)
    answer = world.ask(**SHORT)
    assert answer.status is Status.OK
    assert f"{fortnight[9].id} kept: a person holds it since" in answer.summary
    assert world.states()[fortnight[9].id] is State.COMPLETE
    world.whole()


@pytest.mark.near_miss
def test_what_the_store_locks_stays_whole(world: World, fortnight: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    def lock(store: ObjectStore, name: str) -> str | None:
        return (
            "object lock until 2027-01-01 00:00 UTC"
            if fortnight[9].id in store.root and name.endswith("definitions.dump.zst")
            else None
        )

    monkeypatch.setattr(ObjectStore, "locked", lock)
    answer = world.ask(**SHORT)
    assert answer.status is Status.OK
    assert f"{fortnight[9].id} kept: object lock until 2027-01-01 00:00 UTC" in answer.summary
    assert world.states()[fortnight[9].id] is State.COMPLETE
    assert world.states()[fortnight[8].id] is State.DELETED
    world.whole()


@pytest.mark.fault
def test_a_store_that_refuses_is_told_and_the_backup_stays(
    world: World, fortnight: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(store: ObjectStore, name: str) -> None:
        raise BrokenError(f"could not delete {name} at {store.url}: access is denied", retry=False)

    monkeypatch.setattr(ObjectStore, "delete", refuse)
    answer = world.ask(**SHORT)
    assert rules(answer) == [("backup_not_deletable", "backups")]
    assert answer.worst is Severity.LOW
    assert set(world.states().values()) == {State.COMPLETE}
    assert fortnight[9].id in answer.summary
    world.whole()


@pytest.mark.fault
@pytest.mark.parametrize("off", [timedelta(days=-2), timedelta(days=400)])
def test_a_clock_that_jumped_deletes_nothing(world: World, fortnight: list[Record], off: timedelta) -> None:
    world.rows.asked_at = NOW + off
    answer = world.ask(**SHORT)
    assert rules(answer) == [("retention_stopped", "backups")]
    assert answer.summary.startswith("nothing deleted: the newest backup is ")
    assert len(fortnight) == list(world.states().values()).count(State.COMPLETE)


@pytest.mark.fault
def test_too_many_at_once_is_a_question_to_a_person(world: World, fortnight: list[Record]) -> None:
    answer = world.ask(daily=2, weekly=0, monthly=0)
    assert rules(answer) == [("retention_stopped", "backups")]
    assert "8 of 10 complete backups would go at once (limit 50%)" in answer.summary
    assert len(fortnight) == list(world.states().values()).count(State.COMPLETE)
    assert world.ask(daily=2, weekly=0, monthly=0, max_share=1).status is Status.OK
    assert list(world.states().values()).count(State.COMPLETE) == 2


@pytest.mark.fault
@pytest.mark.parametrize("harm", ["manifest", "object", "short", "exchanged", "everything"])
def test_old_ones_stay_when_the_newest_is_not_whole(world: World, fortnight: list[Record], harm: str) -> None:
    place = world.place(fortnight[0])
    match harm:
        case "manifest":
            place.delete(NAME)
        case "object":
            place.delete("rows/1.copy.zst")
        case "short":
            place.put("rows/1.copy.zst", b"row")
        case "exchanged":
            place.put(NAME, world.place(fortnight[1]).get(NAME))
        case "everything":
            place.delete_all()
    answer = world.ask(**SHORT)
    assert rules(answer) == [("newest_backup_not_whole", "backups")]
    assert answer.worst is Severity.CRITICAL
    assert set(world.states().values()) == {State.COMPLETE}
    assert world.place(fortnight[9]).exists(NAME)


@pytest.mark.fault
def test_a_row_that_names_another_folder_deletes_nothing(world: World, fortnight: list[Record]) -> None:
    world.rows.put(replace(fortnight[9], location=world.url))
    with pytest.raises(BrokenError, match="is not named after it"):
        world.ask(**SHORT)
    assert set(world.states().values()) == {State.COMPLETE}
    assert world.place(fortnight[9]).exists(NAME)


@pytest.mark.fault
def test_backups_at_an_earlier_place_are_found_there(world: World, fortnight: list[Record]) -> None:
    answer = world.ask(**SHORT, backup={"to": (world.folder / "new").as_uri()})
    assert "2 deleted" in answer.summary
    assert len(fortnight) == 10
    world.whole()


@pytest.mark.fault
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("which", [0, 1])
def test_killed_at_any_step_the_next_run_heals(world: World, fortnight: list[Record], step: str, which: int) -> None:
    seen: list[str] = []

    def kill(now: str, text: str = "") -> None:
        seen.append(now)
        if now == step and seen.count(step) > which:
            raise KilledError(text)

    with pytest.raises(KilledError):
        world.ask(kill, **SHORT)
    for record in world.rows.backups.values():
        if record.state is State.COMPLETE:
            assert missing_from(world.place(record), record) is None, "what counts as complete is whole at any moment"
    assert world.ask(**SHORT).status is Status.OK
    world.whole()
    kept = {record.id for record in fortnight[:8]}
    assert {made for made, state in world.states().items() if state is State.COMPLETE} == kept


@pytest.mark.fault
def test_killed_between_two_objects(world: World, fortnight: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    usual = ObjectStore.delete
    done: list[str] = []

    def kill(store: ObjectStore, name: str) -> None:
        if len(done) == 2:
            raise KilledError
        done.append(name)
        usual(store, name)

    with monkeypatch.context() as patch:
        patch.setattr(ObjectStore, "delete", kill)
        with pytest.raises(KilledError):
            world.ask(**SHORT)
    assert done[0] == NAME, "the manifest goes first"
    assert State.DELETING in world.states().values()
    assert world.ask(**SHORT).status is Status.OK
    assert len(fortnight) == len(world.states())
    world.whole()


@pytest.mark.fault
def test_one_held_after_the_kill_is_kept(world: World, fortnight: list[Record]) -> None:
    def kill(now: str, text: str = "") -> None:
        if now == "delete manifest":
            raise KilledError(text)

    with pytest.raises(KilledError):
        world.ask(kill, **SHORT)
    world.rows.put(replace(world.rows.backups[fortnight[9].id], legal_hold="wait"))
    world.ask(**SHORT)
    assert world.states()[fortnight[9].id] is State.COMPLETE
    world.whole()


@pytest.mark.fault
def test_a_lost_claim_deletes_nothing_more(world: World, fortnight: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_rows: Rows, target: str) -> None:
        raise BrokenError(f"the claim on {target} was lost", retry=True)

    with monkeypatch.context() as patch:
        patch.setattr(Rows, "assert_claimed", lost)
        with pytest.raises(BrokenError):
            world.ask(**SHORT)
    assert set(world.states().values()) == {State.COMPLETE}
    assert len(fortnight) == 10
    world.whole()


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("backup", "message"),
    [
        (None, "the inventory does not say where backups of this database go"),
        ({"taken_by": "pgbackrest", "name": "main"}, "its backups are taken by pgbackrest"),
    ],
)
def test_without_backups_of_ours_it_is_unknown(world: World, backup: Any, message: str) -> None:
    db = Database(name=world.target, owner="ann", connection="shop", backup=backup)
    answer = ask(asking(retention, db, world), {Registry: world.rows})
    assert answer.status is Status.UNKNOWN
    assert answer.summary.startswith(message)
    assert backup or "to: s3://" in answer.evidence["remedy"]


class _Lockable:
    """As much of s3fs as a lock is read through."""

    protocol = ("s3", "s3a")

    def __init__(self, **head: object) -> None:
        self.head = head

    def split_path(self, path: str) -> tuple[str, str, None]:
        bucket, _, key = path.partition("/")
        return bucket, key, None

    def call_s3(self, name: str, **params: str) -> dict[str, object]:
        assert (name, params) == ("head_object", {"Bucket": "bucket", "Key": "b/x"})
        return {"ResponseMetadata": {"HTTPHeaders": {"date": "Mon, 23 Nov 2026 10:00:00 GMT"}}, **self.head}


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ({}, None),
        ({"ObjectLockLegalHoldStatus": "OFF"}, None),
        ({"ObjectLockLegalHoldStatus": "ON"}, "legal hold in the store"),
        ({"ObjectLockRetainUntilDate": datetime(2026, 11, 23, 9, tzinfo=UTC)}, None),
        ({"ObjectLockRetainUntilDate": datetime(2026, 11, 23, 11, tzinfo=UTC)}, "object lock until 2026-11-23 11:00 UTC"),
    ],
)
def test_a_lock_is_judged_by_the_stores_clock(head: dict[str, object], message: str | None) -> None:
    assert ObjectStore(_Lockable(**head), "bucket/b", "s3://bucket/b").locked("x") == message
