"""The week's backups, from stored rows, the same whenever it is asked."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.lab import Lab
from tests.reports.world import DUTIES, TARGETS, answer, build_world, provenance, window
from upkeep.answer import Answer
from upkeep.backups.registry import Record, Restoration, State
from upkeep.reports.run import build
from upkeep.reports.section import Section
from upkeep.store.backups import StoredRegistry
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

SHOP, STOCK = TARGETS
WEEK = Window(window(16).start, window(22).end)
BACKUP = replace(DUTIES[0], name="backup", area="backups")


@pytest.fixture
def connection(lab: Lab) -> "psycopg.Connection[object]":
    """A report database in which every day of the week has run."""
    build_world(lab.endpoint)
    connection = lab.session()
    for day in range(16, 23):
        run(connection, window(day))
    return connection


def run(connection: "psycopg.Connection[object]", about: Window) -> None:
    connection.execute(
        "insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)"
        " values ('daily', %s, %s, 'daily', 'r', 'scheduled', 't', %s)",
        [about.start, about.end, about.end],
    )


def take(connection: "psycopg.Connection[object]", day: int, target: str = SHOP, **more: object) -> Record:
    about = window(day)
    usual = Record(
        id=f"{day}-{target}", target=target, location="file:///b", state=State.COMPLETE, window=about, begun_at=about.end,
        snapshot_at=about.end, verified_at=about.end, stored_bytes=2_000_000, rows=10, tables=1, manifest_sha256="x",
        seconds={"dump": 90, "read back": 30},
    )  # fmt: skip
    made = replace(usual, **more)  # type: ignore[arg-type]
    StoredRegistry(connection, about, provenance()).put(made)
    return made


def weekly(connection: "psycopg.Connection[object]") -> Section | None:
    return build(connection, Cadence.WEEKLY, WEEK, None).sections.get("backup_status")


def test_without_backups_there_is_nothing_to_say(connection: "psycopg.Connection[object]") -> None:
    assert weekly(connection) is None
    take(connection, 8)
    assert weekly(connection) is None, "older than the week before"
    assert "backup_status" not in build(connection, Cadence.DAILY, window(20), None).sections


def test_a_whole_week_against_the_week_before(connection: "psycopg.Connection[object]") -> None:
    for day in range(9, 16):
        take(connection, day, stored_bytes=1_000_000, seconds={"dump": 240})
    records = [take(connection, day) for day in range(16, 23)]
    at = window(22).start
    restored = Restoration(
        id="r", backup_id=records[0].id, target=SHOP, destination="scratch", state="proven", begun_at=at, finished_at=at,
    )  # fmt: skip
    StoredRegistry(connection, window(20), provenance()).put_restoration(restored)
    found = weekly(connection)
    assert found is not None
    assert found.text == "7 complete backups of 1 database; no day without one"
    assert found.rows == (("shop", "7", "0", "0", "1.9 MiB", "+100 %", "2 min", "-50 %", "2026-11-23", "2026-11-22"),)


def test_gaps_failures_and_damage_are_said(connection: "psycopg.Connection[object]") -> None:
    take(connection, 16)
    take(connection, 17, state=State.FAILED, verified_at=None, snapshot_at=None, error="disk full")
    take(connection, 18, damaged="an object is gone")
    take(connection, 19, state=State.DELETED, deleted_at=datetime.fromisoformat("2026-12-24T00:00:00Z"))
    answer(connection, 20, Answer.judged("failed"), duty=BACKUP, target=STOCK)
    found = weekly(connection)
    assert found is not None
    assert found.text == (
        '2 complete backups of 2 databases, 2 failed; days without one: shop (5 days), stock "b" (7 days);'
        ' never proven by a restore: shop, stock "b"'
    )
    assert [row[:4] for row in found.rows] == [("shop", "2", "2", "5"), ('stock "b"', "0", "0", "7")]
    assert found.rows[1][4:] == ("", "", "", "", "none", "never")


def test_asked_again_later_it_says_the_same(connection: "psycopg.Connection[object]") -> None:
    record = take(connection, 20)
    before = weekly(connection)
    take(connection, 23)
    run(connection, window(24))
    later = Restoration(
        id="r", backup_id=record.id, target=SHOP, destination="scratch", state="proven", begun_at=window(25).end,
        finished_at=window(25).end + timedelta(hours=1),
    )  # fmt: skip
    StoredRegistry(connection, window(25), provenance()).put_restoration(later)
    assert weekly(connection) == before
