"""replication_slots: readers that went away, and slots that lost their WAL."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab import Lab, Past, needs_version, rules
from tests.replica import wait_until
from upkeep.answer import Severity, Status
from upkeep.checks.database.replication_slots import replication_slots

UNSAID: Any = {"safe_bytes": None, "inactive_seconds": None, "invalidated": "", "synced": False}


@pytest.fixture
def slot(lab: Lab) -> Iterator[str]:
    """An inactive physical slot that reserves WAL."""
    lab.run("select pg_create_physical_replication_slot('reader', true)")
    yield "reader"
    lab.run("select pg_drop_replication_slot('reader')")


def write_wal(lab: Lab, segments: int) -> None:
    """Use up so many WAL segments of 16 MiB."""
    for _ in range(segments):
        lab.run("select pg_logical_emit_message(false, 'test', 'x')")
        lab.run("select pg_switch_wal()")


@pytest.mark.baseline
def test_no_slots(lab: Lab) -> None:
    answer = lab.ask(replication_slots)
    assert (answer.status, answer.summary) == (Status.OK, "0 slots, 0 inactive")


@pytest.mark.near_miss
@pytest.mark.usefixtures("slot")
def test_an_inactive_slot_is_only_low_at_first(lab: Lab) -> None:
    write_wal(lab, 1)
    answer = lab.ask(replication_slots)
    assert rules(answer) == [("slot_inactive", "reader")]
    assert answer.worst is Severity.LOW
    assert answer.findings[0].remedy.startswith("select pg_drop_replication_slot('reader');")


@pytest.mark.fault
@pytest.mark.usefixtures("slot")
def test_an_orphan_by_bytes(lab: Lab) -> None:
    write_wal(lab, 3)
    assert lab.ask(replication_slots, retained_gib=0.03).worst is Severity.HIGH
    assert lab.ask(replication_slots, retained_gib=0.01, critical_retained_gib=0.03).worst is Severity.CRITICAL
    assert lab.ask(replication_slots).metrics[0].value >= 32 * 2**20


@pytest.mark.fault
@pytest.mark.usefixtures("slot")
def test_an_orphan_by_time(lab: Lab) -> None:
    needs_version(lab, 17, "time since when a slot is idle")
    time.sleep(0.05)
    assert lab.ask(replication_slots, inactive_hours=0.00001).worst is Severity.MEDIUM


def test_before_17_memory_knows_since_when() -> None:
    from upkeep.checks.database.replication_slots import Slot, _idle_seconds

    old = Slot("s", "'s'", "physical", "", active=False, wal_status="reserved", position=None, retained_bytes=0, **UNSAID)
    assert _idle_seconds(old, {}, 1000) == 0
    assert _idle_seconds(old, {"s": 400}, 1000) == 600


@pytest.mark.usefixtures("slot")
def test_memory_holds_the_inactive_ones(lab: Lab) -> None:
    state = lab.ask(replication_slots).state
    assert state is not None
    assert list(state["inactive_since"]) == ["reader"]
    assert lab.ask(replication_slots, history=Past(remembered=state)).worst is Severity.LOW


@pytest.mark.fault
def test_an_orphaned_logical_slot(lab: Lab) -> None:
    lab.run("select pg_create_logical_replication_slot('changes', 'test_decoding')")
    try:
        write_wal(lab, 2)
        answer = lab.ask(replication_slots, retained_gib=0.01)
    finally:
        lab.run("select pg_drop_replication_slot('changes')")
    assert rules(answer) == [("slot_inactive", "changes")]
    assert "subscriber" in answer.findings[0].remedy


@pytest.fixture
def limited(lab: Lab) -> Iterator[None]:
    """A server that keeps at most 64 MiB for slots."""
    lab.run("alter system set max_slot_wal_keep_size = '64MB'")
    lab.run("select pg_reload_conf()")
    wait_until(lab.server, "select current_setting('max_slot_wal_keep_size') = '64MB'")
    yield
    lab.run("alter system reset max_slot_wal_keep_size")
    lab.run("select pg_reload_conf()")


@pytest.mark.near_miss
@pytest.mark.usefixtures("limited", "slot")
def test_half_of_the_room_is_fine(lab: Lab) -> None:
    write_wal(lab, 1)
    assert rules(lab.ask(replication_slots)) == [("slot_inactive", "reader")]


@pytest.mark.fault
@pytest.mark.usefixtures("limited", "slot")
def test_close_to_the_limit(lab: Lab) -> None:
    write_wal(lab, 5)
    answer = lab.ask(replication_slots)
    assert ("slot_near_limit", "reader") in rules(answer)


@pytest.mark.fault
@pytest.mark.usefixtures("limited", "slot")
def test_a_slot_that_lost_its_wal(lab: Lab) -> None:
    write_wal(lab, 8)
    lab.run("checkpoint")
    answer = lab.ask(replication_slots)
    assert rules(answer) == [("slot_lost", "reader")]
    assert answer.worst is Severity.HIGH


@pytest.mark.near_miss
@pytest.mark.usefixtures("slot")
def test_a_slot_that_a_tool_moves_on(lab: Lab) -> None:
    first = lab.ask(replication_slots)
    assert rules(first) == [("slot_inactive", "reader")]
    write_wal(lab, 1)
    lab.run("select pg_replication_slot_advance('reader', pg_current_wal_lsn())")
    second = lab.ask(replication_slots, history=Past(remembered=first.state))
    assert rules(second) == []
    third = lab.ask(replication_slots, history=Past(remembered=second.state))
    assert rules(third) == [("slot_inactive", "reader")]


@pytest.mark.fault
@pytest.mark.usefixtures("slot")
def test_a_slot_that_a_tool_moves_on_too_slowly(lab: Lab) -> None:
    first = lab.ask(replication_slots)
    lab.run("select pg_replication_slot_advance('reader', pg_current_wal_lsn())")
    write_wal(lab, 2)
    second = lab.ask(replication_slots, retained_gib=0.001, history=Past(remembered=first.state))
    assert rules(second) == [("slot_behind", "reader")]
    assert "moved on by some tool" in second.findings[0].title
