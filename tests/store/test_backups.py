"""Rows of backups and restores say what was put, and one process at a time changes a target's backups."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from multiprocessing.synchronize import Event

import psycopg
import pytest

from tests.store.conftest import FIRST, PROVENANCE, Store, day
from upkeep.backups.registry import Record, Registry, Restoration, State
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import Provenance, connected
from upkeep.store.backups import StoredRegistry

FORK = multiprocessing.get_context("fork")
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
    tables=2,
    rows=1 << 33,
    seconds={"dump": 12.5, "read back": 3.0},
    server_version=18,
    system_identifier="7580215811111111111",
    encrypted=True,
    manifest_sha256="ab" * 32,
    table_rows={'public."Wörld ""x"" 100%"': 3, "public.a": 4},
    held="court case 12",
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
    error="x",
    asked_by="ann",
)


@pytest.fixture
def registry(store: Store) -> StoredRegistry:
    return _registry(store.connection)


def _registry(connection: "psycopg.Connection[object]", provenance: Provenance = PROVENANCE) -> StoredRegistry:
    return StoredRegistry(connection, day(0), provenance, wait_s=0.3)


@pytest.fixture
def other(store: Store) -> Iterator[StoredRegistry]:
    with connected(store.endpoint) as connection:
        yield _registry(connection)


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
    running = replace(RESTORED, state="running", finished_at=None, differences=(), rows=None, error=None)
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


@pytest.mark.parametrize("lacking", ["snapshot_at", "verified_at", "manifest_sha256"])
def test_nothing_unproven_can_be_called_complete(registry: Registry, lacking: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="complete_is_proven"):
        registry.put(replace(COMPLETE, **{lacking: None}))  # type: ignore[arg-type]


def test_a_restore_with_differences_cannot_be_called_proven(registry: Registry) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="proven_has_no_difference"):
        registry.put_restoration(replace(RESTORED, state="proven"))


def test_text_that_postgresql_cannot_hold_is_stored_all_the_same(registry: Registry) -> None:
    registry.put(replace(TAKING, error="a\x00b \udc80"))
    registry.put_restoration(replace(RESTORED, differences=("a\x00b",)))
    assert registry.records("shop")[0].error == "a�b ?"
    assert registry.restorations("shop")[0].differences == ("a�b",)


def test_one_at_a_time(registry: Registry, other: Registry) -> None:
    with registry.claimed("shop"):
        registry.assert_claimed("shop")
        with pytest.raises(BrokenError, match=r"another process has been changing the backups of shop for 0\.3 s") as caught:
            other.claimed("shop").__enter__()
        assert caught.value.retry
        with other.claimed("crm"):
            other.assert_claimed("crm")
            with pytest.raises(BrokenError, match="was lost"):
                other.assert_claimed("shop")
    with other.claimed("shop"):
        other.assert_claimed("shop")


@pytest.mark.parametrize("target", [f"t{number}" for number in range(8)])
def test_a_claim_is_found_whatever_its_key(registry: Registry, target: str) -> None:
    with registry.claimed(target):
        registry.assert_claimed(target)
    with pytest.raises(BrokenError, match="was lost"):
        registry.assert_claimed(target)


def test_an_error_inside_gives_the_claim_back(registry: Registry, other: Registry) -> None:
    with pytest.raises(ZeroDivisionError), registry.claimed("shop"):
        _ = 1 / 0
    with other.claimed("shop"):
        pass


def test_a_lost_connection_loses_the_claim(store: Store, other: Registry) -> None:
    with connected(store.endpoint) as lost:
        registry = _registry(lost)
        with registry.claimed("shop"):
            store.run("select pg_terminate_backend(%s)", [lost.info.backend_pid])
            with pytest.raises(BrokenError) as caught:
                registry.assert_claimed("shop")
        assert caught.value.retry
        with pytest.raises(BrokenError, match="was lost") as again:
            registry.assert_claimed("shop")
        assert again.value.retry
        with other.claimed("shop"):
            other.assert_claimed("shop")


def _hold(endpoint: Endpoint, taken: Event) -> None:
    with connected(endpoint) as connection, _registry(connection).claimed("shop"):
        taken.set()
        time.sleep(60)


def test_a_killed_process_gives_its_claim_back(store: Store) -> None:
    taken = FORK.Event()
    child = FORK.Process(target=_hold, args=(store.endpoint, taken))
    child.start()
    assert taken.wait(20)
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    with StoredRegistry(store.connection, day(0), PROVENANCE, wait_s=20).claimed("shop"):
        pass


def test_the_reader_may_read_them(store: Store, registry: Registry) -> None:
    registry.put(TAKING)
    store.run("set role upkeep_reader")
    try:
        assert store.value("select count(*) from upkeep.backup") == 1
        assert store.value("select count(*) from upkeep.restore") == 0
    finally:
        store.run("reset role")
