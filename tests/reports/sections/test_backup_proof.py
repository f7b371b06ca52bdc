"""What a run says is proven of backups: only what was read back or restored and compared."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab import Lab
from tests.reports.world import DUTIES, TARGETS, answer, breach, build_world, provenance, window
from upkeep.answer import Answer
from upkeep.backups.registry import Record, Restoration, State
from upkeep.notify.links import Links
from upkeep.notify.summary import summary
from upkeep.reports.run import RunReport, build, publish
from upkeep.reports.section import Section
from upkeep.store.backups import StoredRegistry
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

SHOP, STOCK = TARGETS
BACKUP = replace(DUTIES[0], name="backup", area="backups")
COMPLETED = replace(DUTIES[0], name="backup_completed", area="backups")
LINKS = Links("http://airflow.test", "daily", "scheduled__x")


@pytest.fixture
def connection(lab: Lab) -> "psycopg.Connection[Any]":
    """A report database with duties about backups."""
    build_world(lab.endpoint)
    connection = lab.session()
    for name in ("backup", "backup_completed"):
        connection.execute(
            "insert into upkeep.duty (name, area, kind, cadence, owner, title, dated, target_kind, active)"
            " values (%s, 'backups', 'job', 'daily', 'database', 'Title', false, 'databases', true)",
            [name],
        )
    return connection


def take(connection: "psycopg.Connection[Any]", day: int, target: str = SHOP, **more: object) -> Record:
    about = window(day)
    record = Record(
        id=f"{day}-{target}", target=target, location="file:///b", state=State.COMPLETE, window=about, begun_at=about.end,
        snapshot_at=about.end, verified_at=about.end, stored_bytes=1_288_490_189, rows=15607, tables=11, manifest_sha256="x",
        seconds={"dump": 100, "read back": 20},
    )  # fmt: skip
    made = replace(record, **more)  # type: ignore[arg-type]
    StoredRegistry(connection, about, provenance()).put(made)
    return made


def restore(connection: "psycopg.Connection[Any]", day: int, record: Record, state: str = "proven") -> None:
    at = window(day).end + timedelta(hours=1)
    made = Restoration(
        id=f"{day}{record.id}{state}", backup_id=record.id, target=record.target, destination="scratch", state=state,
        begun_at=at, finished_at=at, differences=() if state == "proven" else ("x",),
    )  # fmt: skip
    StoredRegistry(connection, window(day), provenance()).put_restoration(made)


def daily(connection: "psycopg.Connection[Any]", day: int) -> RunReport:
    return build(connection, Cadence.DAILY, window(day), None)


def proof(report: RunReport) -> Section:
    return report.sections["backup_proof"]


def test_a_run_without_duties_about_backups_says_nothing(lab: Lab) -> None:
    build_world(lab.endpoint)
    connection = lab.session()
    answer(connection, 20, breach())
    take(connection, 20)
    report = daily(connection, 20)
    assert report.sections == {}
    assert "What is proven" not in str(summary(report, LINKS))


def test_complete_and_restored(connection: "psycopg.Connection[Any]") -> None:
    first = take(connection, 18)
    for target in TARGETS:
        take(connection, 20, target)
    restore(connection, 18, first)
    restore(connection, 19, first, "differs")
    message = proof(daily(connection, 20)).text
    assert message == (
        "2 of 2 databases have a complete backup of this window, every object read back: "
        'shop 1.2 GiB, 15,607 rows in 11 tables, 2 min, stock "b" 1.2 GiB, 15,607 rows in 11 tables, 2 min; '
        'last proven by a restore: shop 2026-11-19, stock "b" never'
    )


@pytest.mark.fault
@pytest.mark.parametrize(("state", "text"), [("failed", "its restore failed"), ("differs", "its restore differs")])
def test_the_newest_backup_whose_restore_went_wrong_is_named(
    connection: "psycopg.Connection[Any]", state: str, text: str
) -> None:
    newest = take(connection, 20)
    restore(connection, 20, newest, state)
    report = daily(connection, 20)
    assert f"; not proven: shop ({text})" in proof(report).text
    assert proof(report).rows[0][1].endswith(f"; {text}")


def test_the_nights_backup_is_one_of_the_day_that_its_night_ended_in(connection: "psycopg.Connection[Any]") -> None:
    hour = timedelta(hours=1)
    night = Window(window(20).start - timedelta(days=1) + hour, window(20).start + hour)
    take(connection, 20, window=night, begun_at=night.end, snapshot_at=night.end)
    assert proof(daily(connection, 20)).text.startswith("1 of 2 databases have a complete backup of this window")
    assert proof(daily(connection, 21)).text.startswith("0 of 2 databases have a complete backup of this window")
    nightly = proof(build(connection, Cadence.BACKUPS, night, None))
    assert nightly.text.startswith("1 of 2 databases have a complete backup of this window")


@pytest.mark.near_miss
def test_a_refused_restore_says_nothing_about_the_backup(connection: "psycopg.Connection[Any]") -> None:
    newest = take(connection, 20)
    restore(connection, 20, newest, "refused")
    assert "not proven" not in proof(daily(connection, 20)).text


@pytest.mark.parametrize(
    "more",
    [
        {"state": State.FAILED, "error": "x"},
        {"state": State.TAKING},
        {"damaged": "an object is gone"},
        {"state": State.FAILED, "verified_at": None},
    ],
)
def test_a_task_that_was_green_proves_nothing(connection: "psycopg.Connection[Any]", more: dict[str, Any]) -> None:
    answer(connection, 20, Answer.judged("done"), duty=BACKUP)
    take(connection, 19)
    take(connection, 20, **more)
    report = daily(connection, 20)
    assert proof(report).text == (
        '0 of 2 databases have a complete backup of this window; without: shop, stock "b"; '
        'last proven by a restore: shop never, stock "b" never'
    )
    assert [row[1] for row in proof(report).rows] == [
        "not in this window; the newest is of 2026-11-20: 1.2 GiB, 15,607 rows in 11 tables, 2 min",
        "no complete backup",
    ]


def test_a_report_made_again_later_says_the_same(connection: "psycopg.Connection[Any]") -> None:
    record = take(connection, 20)
    before = proof(daily(connection, 20))
    take(connection, 21)
    restore(connection, 25, record)
    StoredRegistry(connection, window(20), provenance()).put(replace(record, state=State.DELETED, deleted_at=window(25).end))
    assert proof(daily(connection, 20)) == before


def test_backups_of_others_are_judged(connection: "psycopg.Connection[Any]") -> None:
    take(connection, 20)
    answer(connection, 20, Answer.judged("pgBackRest: newest is 3 h old"), duty=COMPLETED, target=STOCK)
    report = daily(connection, 20)
    assert 'judged, not taken, by Upkeep: stock "b"' in proof(report).text
    assert "without" not in proof(report).text
    assert proof(report).rows[1][1] == "none by Upkeep; judged: pgBackRest: newest is 3 h old"


def test_document_content_and_message_say_it(connection: "psycopg.Connection[Any]") -> None:
    take(connection, 20)
    report = daily(connection, 20)
    publish(connection, report)
    row = connection.execute("select markdown, content from upkeep.report").fetchone()
    assert row is not None
    assert "## What is proven\n\n1 of 2 databases have a complete backup" in row[0]
    assert "| shop | 1.2 GiB, 15,607 rows in 11 tables, 2 min | 2026-11-21 | never |" in row[0]
    assert row[1]["sections"]["backup_proof"]["rows"][0][:2] == ["shop", "1.2 GiB, 15,607 rows in 11 tables, 2 min"]
    assert "*What is proven*: 1 of 2 databases have a complete backup of this window" in str(summary(report, LINKS))
