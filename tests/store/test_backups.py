"""Rows of backups and restores say what was put."""

import uuid
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from tests.store.conftest import FIRST, PROVENANCE, Store, day
from upkeep.backups.registry import HeldError, Record, Registry, Restoration, State
from upkeep.errors import BrokenError
from upkeep.store.answers import Provenance
from upkeep.store.backups import StoredRegistry

TAKING = Record(
    id="20260302T000512Z-3f9c2a", target="shop", location="file:///b/shop/x", state=State.TAKING, window=day(0), begun_at=FIRST
)
COMPLETE = replace(
    TAKING,
    state=State.COMPLETE,
    snapshot_at=FIRST + timedelta(minutes=1),
    finished_at=FIRST + timedelta(minutes=9),
    verified_at=FIRST + timedelta(minutes=8),
    stored_bytes=1 << 40,
    raw_bytes=5 << 40,
    host="worker-3",
    connection="backup_store",
    tables=2,
    rows=1 << 33,
    seconds={"dump": 12.5, "read back": 3.0},
    server_version=18,
    system_identifier="7580215811111111111",
    encrypted=True,
    manifest_sha256="ab" * 32,
    table_rows={'public."Wörld ""x"" 100%"': 3, "public.a": 4},
    legal_hold="court case 12",
    damaged="manifest.json is gone",
    error=None,
)
RESTORED = Restoration(
    id="r1",
    backup_id=COMPLETE.id,
    target="shop",
    destination="scratch 18",
    state="differs",
    begun_at=FIRST,
    finished_at=FIRST + timedelta(minutes=3),
    seconds={"restore": 100.25},
    server_version=18,
    rows=7,
    differences=("public.a: 4 rows, not 5", "index b is missing"),
    uncertain=("a policy is worded otherwise",),
    detail={"public.a": {"rows": 4, "same": False}},
    exactness="by PostgreSQL 18 itself",
    manifest_sha256="cd" * 32,
    error="x",
    asked_by="ann",
)


@pytest.fixture
def registry(store: Store) -> StoredRegistry:
    return _registry(store.connection)


def _registry(connection: "psycopg.Connection[object]", provenance: Provenance = PROVENANCE) -> StoredRegistry:
    return StoredRegistry(connection, day(0), provenance)


def test_a_record_comes_back_as_it_was_put(registry: Registry) -> None:
    registry.put(TAKING)
    assert registry.records("shop") == [TAKING]
    registry.put(COMPLETE)
    assert registry.records("shop") == [COMPLETE]
    registry.put(replace(COMPLETE, state=State.DELETED, deleted_at=FIRST + timedelta(days=9)))
    assert registry.records("shop")[0].deleted_at == FIRST + timedelta(days=9)


def test_records_are_newest_first_and_of_one_target(registry: Registry) -> None:
    for hours in (1, 3, 2):
        registry.put(replace(TAKING, id=f"b{hours}", begun_at=FIRST + timedelta(hours=hours)))
    registry.put(replace(TAKING, id="other", target="crm"))
    assert [record.id for record in registry.records("shop")] == ["b3", "b2", "b1"]
    assert registry.records("nobody") == []


def test_a_restoration_comes_back_as_it_was_put(registry: Registry) -> None:
    running = Restoration(id="r1", backup_id=COMPLETE.id, target="shop", destination="scratch", state="running", begun_at=FIRST)
    registry.put_restoration(running)
    assert registry.restorations("shop") == [running]
    registry.put_restoration(RESTORED)
    assert registry.restorations("shop") == [RESTORED]
    assert registry.restorations("crm") == []


def test_who_took_it_stays_named(store: Store, registry: Registry) -> None:
    registry.put(TAKING)
    _registry(store.connection, replace(PROVENANCE, run_id="another")).put(COMPLETE)
    assert store.rows("select dag_id, run_id, task_id, map_index, state from upkeep.backup") == [
        ("daily", "scheduled__1", "database.sequences", 0, "complete")
    ]


def test_the_registry_says_window_and_clock(registry: Registry) -> None:
    assert (registry.window, registry.asked_at) == (day(0), FIRST)


def test_the_installation_has_one_id_for_good(store: Store, registry: Registry) -> None:
    assert registry.installation == _registry(store.connection).installation == str(uuid.UUID(registry.installation))
    with pytest.raises(psycopg.errors.UniqueViolation):
        store.run("insert into upkeep.installation default values")


def test_a_lost_installation_is_said_with_what_to_do(store: Store) -> None:
    store.run("begin; delete from upkeep.installation")
    try:
        with pytest.raises(BrokenError, match="which installation this is") as caught:
            _ = _registry(store.connection).installation
    finally:
        store.run("rollback")
    assert "insert into upkeep.installation" in caught.value.remedy


@pytest.mark.parametrize("lacking", ["snapshot_at", "verified_at", "manifest_sha256"])
def test_nothing_unproven_can_be_called_complete(registry: Registry, lacking: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="complete_is_proven"):
        registry.put(replace(COMPLETE, **{lacking: None}))  # type: ignore[arg-type]


def test_a_restore_with_differences_cannot_be_called_proven(registry: Registry) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="proven_has_no_difference"):
        registry.put_restoration(replace(RESTORED, state="proven"))


def test_text_that_postgresql_cannot_hold_is_stored_all_the_same(registry: Registry) -> None:
    registry.put(replace(TAKING, error="a\x00b \udc80"))
    odd = {"a\x00b": float("nan")}
    registry.put_restoration(replace(RESTORED, differences=("a\x00b",), uncertain=("\udc80",), detail=odd))
    assert registry.records("shop")[0].error == "a�b ?"
    (kept,) = registry.restorations("shop")
    assert (kept.differences, kept.uncertain, kept.detail) == (("a�b",), ("?",), {"a�b": "nan"})


def test_the_reader_may_read_them(store: Store, registry: Registry) -> None:
    registry.put(TAKING)
    store.run("set role upkeep_reader")
    try:
        assert store.value("select count(*) from upkeep.backup") == 1
        assert store.value("select count(*) from upkeep.restore") == 0
    finally:
        store.run("reset role")


def test_a_hold_stays_whatever_a_task_that_does_not_know_it_writes(store: Store) -> None:
    registry = _registry(store.connection)
    plain = replace(COMPLETE, legal_hold=None)
    registry.put(plain)
    assert registry.hold(COMPLETE.id, "court case 12", "ann")
    (found,) = registry.records("shop")
    assert found.legal_hold is not None
    assert found.legal_hold.startswith("court case 12 (ann, ")
    registry.put(plain)
    assert registry.records("shop")[0].legal_hold == found.legal_hold
    with pytest.raises(HeldError, match="held by a person"):
        registry.put(replace(plain, state=State.DELETING))
    assert registry.records("shop")[0].state is State.COMPLETE
    assert registry.release(COMPLETE.id, None, "bob")
    registry.put(replace(plain, state=State.DELETING))
    assert registry.records("shop")[0].state is State.DELETING
    rows = store.connection.execute("select held, why, said_by from upkeep.backup_hold order by said_at").fetchall()
    assert rows == [(True, "court case 12", "ann"), (False, None, "bob")]


@pytest.mark.parametrize("state", [State.DELETING, State.DELETED, State.FAILED])
def test_what_is_gone_cannot_be_held(store: Store, state: State) -> None:
    registry = _registry(store.connection)
    registry.put(replace(COMPLETE, legal_hold=None, state=state))
    assert not registry.hold(COMPLETE.id, "why", "ann")
    assert not registry.hold("another", "why", "ann")
    assert registry.records("shop")[0].legal_hold is None
    assert store.connection.execute("select count(*) from upkeep.backup_hold").fetchall() == [(0,)]
