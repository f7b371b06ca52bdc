"""Locks first, then the snapshot: nothing that is under way at the start, or comes meanwhile, is kept half."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from tests.backups.test_take import manifest_of
from tests.backups.world import Shelf
from tests.lab import Lab
from upkeep.backups import programs, tables
from upkeep.backups.registry import State
from upkeep.backups.snapshot import Source
from upkeep.errors import BrokenError

ROWS = 40_000  # enough pages for a session of its own


def rows_of(shelf: Shelf, made: str) -> dict[str, int]:
    return {content.key: content.rows for content in manifest_of(shelf, made).contents}


def beside(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize(
    "change",
    [
        "truncate filled; insert into filled select generate_series(1, 70000)",
        "alter table filled alter column n type bigint using n + 1",
        "alter table filled add column more int default 7",
        "drop table filled; create table filled as select generate_series(1, 70000) as n",
        "alter table filled rename to gone; create table filled as select generate_series(1, 70000) as n",
    ],
)
@pytest.mark.parametrize("commit", [True, False])
def test_what_is_open_when_the_backup_starts_is_seen_whole(lab: Lab, shelf: Shelf, change: str, commit: bool) -> None:  # noqa: FBT001
    lab.run(f"create table filled as select generate_series(1, {ROWS}) as n; create table other as select 1 as n")
    with psycopg.connect(lab.endpoint.connect("open").info.dsn, password=lab.endpoint.password) as writer:
        for statement in change.split("; "):
            writer.execute(statement)
        taking: list[str] = []
        thread = beside(lambda: taking.append(shelf.take(lab.endpoint).id))
        time.sleep(1.5)
        assert thread.is_alive(), "it waits for the lock"
        writer.commit() if commit else writer.rollback()
    thread.join(60)
    changed = 70000 if "70000" in change else ROWS
    assert rows_of(shelf, taking[0])["public.filled"] == (changed if commit else ROWS)


def test_what_queues_meanwhile_waits_and_the_backup_goes_on(lab: Lab, shelf: Shelf) -> None:
    lab.run("create table first as select generate_series(1, 400000) as n; create table second as select 1 as n")
    queued: list[threading.Thread] = []

    def change() -> None:
        with lab.endpoint.connect("queued") as connection:
            connection.execute("alter table first add column late int")

    def look(step: str, _: str = "") -> None:
        if step == "copy" and not queued:
            queued.append(beside(change))
            time.sleep(0.3)

    made = shelf.take(lab.endpoint, look, jobs=3)
    queued[0].join(30)
    assert rows_of(shelf, made.id)["public.first"] == 400_000
    assert not queued[0].is_alive(), "and it got its lock in the end"


def test_a_lock_that_is_not_granted_names_who_holds_it(lab: Lab) -> None:
    lab.run("create table held as select 1 as n")
    program = programs.client(lab.server.major or 18)[1] / "psql"
    source = Source(lab.endpoint, "a test", program, 2, lambda _: None, lock_timeout_s=1)
    with lab.endpoint.connect("the migration", autocommit=False) as writer:
        writer.execute("alter table held add column more int")
        with pytest.raises(BrokenError, match=r"AccessExclusiveLock on .*held of postgres \(pid \d+, the migration, .* ago\)"):
            source.snapshot().__enter__()


def test_tables_that_come_and_go_all_the_time(lab: Lab, shelf: Shelf) -> None:
    lab.run("create table stays as select generate_series(1, 1000) as n")
    done = threading.Event()

    def churn() -> None:
        with lab.endpoint.connect("churn") as connection:
            while not done.is_set():
                for statement in (
                    "create table passing (id serial primary key, t text)", "insert into passing (t) values ('x')",
                    "create view through as select * from passing", "drop table passing cascade",
                ):  # fmt: skip
                    connection.execute(statement.encode())
                time.sleep(0.05)

    thread = beside(churn)
    try:
        taken = [shelf.take(lab.endpoint) for _ in range(3)]
    finally:
        done.set()
        thread.join()
    assert [record.state for record in taken] == [State.COMPLETE] * 3
    assert all(rows_of(shelf, record.id)["public.stays"] == 1000 for record in taken)


def test_a_table_that_was_made_between_list_and_snapshot_is_a_reason_to_start_over(
    lab: Lab, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.run("create table there as select 1 as n")
    plain, times = tables.relations, list[int]()

    def relations(connection: "psycopg.Connection[Any]") -> list[tables.Table]:
        found = plain(connection)
        times.append(len(found))
        if len(times) == 1:
            lab.run("create table late as select 2 as n")
        return found

    monkeypatch.setattr(tables, "relations", relations)
    made = shelf.take(lab.endpoint)
    assert rows_of(shelf, made.id)["public.late"] == 1
    assert times == [1, 2, 2, 2]


def test_other_peoples_sessions_keep_their_settings(lab: Lab, shelf: Shelf) -> None:
    lab.run("create table t as select 1 as n")
    shelf.take(lab.endpoint)
    with lab.endpoint.connect("after") as connection:
        (path,) = connection.execute("show search_path").fetchone() or ("",)
        assert path == '"$user", public'
    with suppress(psycopg.Error):
        lab.run("drop table t")
