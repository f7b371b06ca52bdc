"""archive: exactly the old rows that did not change meanwhile leave the table, and only when they are proven."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.archive.restored import restored
from tests.archive.world import NEW, OLD, VISITS, World
from tests.lab import Lab, rules
from tests.pgbouncer import pgbouncer
from upkeep.answer import Answer, Status
from upkeep.archive import deletion, proving, run
from upkeep.archive.records import ArchiveBatch, ArchiveTable
from upkeep.archive.restoring import Span
from upkeep.archive.versions import Part
from upkeep.errors import BrokenError, CannotAskError
from upkeep.jobs.database.archive import archive

KEEPS = "create function f() returns trigger language plpgsql as 'begin if {} then return null; end if; return old; end';"
WATCH = "create trigger watch before delete on visits for each row execute function f()"
ALL_OLD = list(range(1, OLD + 1))


@pytest.fixture
def world(lab: Lab, tmp_path: Path) -> World:
    """Visits of which the most are old."""
    lab.run(VISITS)
    return World(lab, tmp_path / "store").plan()


def meanwhile(monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Do something between the proof of the first batch and its deletes."""
    done: list[bool] = []
    proven = proving.store_proven

    def then(*args: Any) -> Any:
        manifest = proven(*args)
        if not done:
            done.append(True)
            do()
        return manifest

    monkeypatch.setattr(run, "store_proven", then)


def title(answer: Answer) -> str:
    assert len(answer.findings) == 1, answer
    return answer.findings[0].title


@pytest.mark.baseline
def test_old_rows_are_archived_and_new_ones_stay(world: World) -> None:
    answer = world.run()
    assert answer.status is Status.OK
    assert world.archived() == ALL_OLD
    assert len(world.ids()) == NEW
    assert not world.place.pending()
    assert answer.summary.startswith("2,000 rows of 1 table archived in 4 files")
    assert "0 rows" in world.run().summary


@pytest.mark.baseline
def test_the_folder_reads_as_one_table(world: World) -> None:
    import pandas as pd  # type: ignore[import-untyped]

    world.run()
    assert set(world.archived("seen_at_month")) == {"2024-01", "2024-02", "2024-03", "2024-04"}
    frame = pd.read_parquet(world.rows_folder)
    assert sorted(frame["id"]) == ALL_OLD
    assert str(frame["seen_at"].dtype) == "datetime64[us, UTC]"


@pytest.mark.baseline
def test_its_rows_say_what_was_done(world: World) -> None:
    answer = world.run()
    batches = [record for record in answer.records if isinstance(record, ArchiveBatch)]
    assert sum(batch.rows for batch in batches) == OLD
    tables = [record for record in answer.records if isinstance(record, ArchiveTable)]
    assert [(t.archived_rows, t.old_rows, t.message) for t in tables] == [(OLD, OLD, "")]
    again = [record for record in world.run().records if isinstance(record, ArchiveBatch)]
    assert {b.batch for b in again} == {b.batch for b in batches}, "asked again for the window, its files are all said again"


@pytest.mark.near_miss
def test_nothing_is_declared(world: World) -> None:
    world.plans.clear()
    assert world.run().status is Status.OK


@pytest.mark.near_miss
def test_without_a_maintenance_login_it_is_unknown_with_what_to_declare(world: World) -> None:
    world.login = None
    with pytest.raises(CannotAskError) as refusal:
        world.run()
    assert "maintenance:" in refusal.value.remedy


@pytest.mark.near_miss
def test_a_dry_run_says_what_and_changes_nothing(world: World) -> None:
    answer = world.run(dry_run=True)
    assert "would archive 2,000 rows before 20" in answer.summary
    assert not world.folder.exists()
    assert len(world.ids()) == OLD + NEW


@pytest.mark.near_miss
def test_late_rows_with_an_old_date_go_in_the_next_run(world: World) -> None:
    world.run()
    world.lab.run("insert into visits values (9001, 'late', '2024-02-01 12:00+00')")
    world.run()
    assert world.archived() == [*ALL_OLD, 9001]


@pytest.mark.near_miss
def test_rows_without_a_date_or_dated_infinity_stay_and_are_counted(world: World) -> None:
    world.lab.run("insert into visits values (9001, 'x', null), (9002, 'x', '-infinity'), (9003, 'x', 'infinity')")
    answer = world.run()
    assert answer.status is Status.OK
    assert "1 row without a date stay" in answer.summary
    assert "2 rows dated infinity stay" in answer.summary
    assert {9001, 9002, 9003} < set(world.ids())


@pytest.mark.near_miss
@pytest.mark.parametrize("kind", ["timestamp", "date"])
def test_a_column_without_a_zone_is_read_in_the_declared_one(lab: Lab, tmp_path: Path, kind: str) -> None:
    lab.run(f"create table visits (id int, seen_at {kind})")
    lab.run("insert into visits values (1, '2024-01-31'), (2, '2024-02-01'), (3, now())")
    world = World(lab, tmp_path / "store").plan(time_zone="Asia/Tokyo")
    assert world.run().status is Status.OK
    assert world.archived("seen_at_month || id") == ["2024-011", "2024-022"]


@pytest.mark.near_miss
def test_months_begin_in_the_declared_zone(lab: Lab, tmp_path: Path) -> None:
    lab.run("create table visits (id int, seen_at timestamptz); insert into visits values (1, '2024-01-31 14:59+00')")
    lab.run("insert into visits values (2, '2024-01-31 15:00+00'), (3, now())")
    world = World(lab, tmp_path / "store").plan(time_zone="Asia/Tokyo", by="month")
    world.run()
    assert world.archived("seen_at_month || id") == ["2024-011", "2024-022"]


@pytest.mark.near_miss
def test_rows_changed_deleted_or_locked_meanwhile_are_no_part_of_the_archive(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    locker = world.lab.session(autocommit=False)

    def change() -> None:
        world.lab.run("update visits set path = 'changed' where id in (1, 5)")
        world.lab.run("delete from visits where id = 7")
        world.lab.run("insert into visits values (9001, 'late', '2024-01-16 00:00+00')")

    meanwhile(monkeypatch, change)
    answer = world.run()
    assert answer.status is Status.OK
    assert "3 rows changed or locked meanwhile stayed" in answer.summary
    assert set(world.archived()) == set(ALL_OLD) - {1, 5, 7}
    assert {1, 5, 9001} < set(world.ids())
    assert 7 not in world.ids()
    world.run()
    assert world.archived() == sorted([*set(ALL_OLD) - {7}, 9001])
    locker.rollback()


@pytest.mark.fault
def test_a_lock_that_is_held_for_hours_stops_it_and_nothing_is_lost(world: World) -> None:
    locker = world.lab.session(autocommit=False)
    locker.execute("select * from visits where id = 3 for update")
    answer = world.run()
    assert rules(answer) == [("archive_stopped", "public.visits")]
    assert "lock" in title(answer)
    assert sorted(world.archived() + world.ids())[:OLD] == ALL_OLD
    assert not world.place.pending()
    locker.rollback()
    assert world.run().status is Status.OK
    assert world.archived() == ALL_OLD


@pytest.mark.fault
@pytest.mark.parametrize(
    "statement", ["vacuum full visits", "drop table visits", "alter table visits rename to gone", "truncate visits"]
)
def test_a_table_that_is_another_one_meanwhile_is_left_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    meanwhile(monkeypatch, lambda: world.lab.run(statement))
    answer = world.run()
    assert rules(answer) == [("archive_stopped", "public.visits")]
    assert not world.archived()
    assert not world.place.pending()


@pytest.mark.fault
def test_a_proven_file_that_the_store_loses_before_the_delete_costs_no_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: next((Path(world.place.store.root) / "pending").glob("*.parquet")).unlink())
    answer = world.run()
    assert rules(answer) == [("archive_damaged", "public.visits")]
    assert len(world.ids()) == OLD + NEW
    assert world.run().status is Status.OK
    assert world.archived() == ALL_OLD


@pytest.mark.fault
def test_a_proven_file_that_is_lost_after_the_delete_is_stored_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    chunk = deletion.Deletion.chunk

    def lose(self: deletion.Deletion, versions: Part, first: int) -> Any:
        record = chunk(self, versions, first)
        (Path(world.place.store.root) / f"pending/{self.manifest.id}.parquet").unlink()
        return record

    monkeypatch.setattr(deletion.Deletion, "chunk", lose)
    assert world.run().status is Status.OK
    assert world.archived() == ALL_OLD


@pytest.mark.fault
@pytest.mark.parametrize(
    ("planted", "message"),
    [
        ("create table clicks (visit bigint references visits on delete cascade)", "clicks_visit_fkey of public.clicks"),
        ("create table more () inherits (visits)", "public.more"),
        ("create rule r as on delete to visits do instead nothing", "rules of public.visits rewrite a delete: r"),
        ("create publication p for table visits", "p publishes deletes of public.visits"),
        ("create publication p for all tables", "p publishes deletes of public.visits"),
        ("create publication p for tables in schema public", "p publishes deletes of public.visits"),
        (
            KEEPS.format("false") + WATCH,
            "triggers of public.visits fire on delete: watch",
        ),
        ("alter table visits rename to others", "there is no table public.visits"),
        ("alter table visits rename seen_at to at", "has no column seen_at"),
        ("alter table visits alter seen_at type text", "is text, which dates no row"),
        ("alter table visits rename to base; create view visits as select * from base", "public.visits is no table"),
    ],
)
def test_a_table_whose_deletes_would_do_more_is_refused_by_name(world: World, planted: str, message: str) -> None:
    world.lab.run(planted)
    answer = world.run()
    assert rules(answer) == [("archive_refused", "public.visits")]
    assert message in title(answer)
    assert answer.findings[0].remedy
    assert not world.archived()


@pytest.mark.near_miss
def test_what_is_right_to_happen_may_be_declared(world: World) -> None:
    world.lab.run("create function f() returns trigger language plpgsql as 'begin return old; end'")
    world.lab.run("create trigger watch before delete on visits for each row execute function f()")
    world.lab.run("create publication p for table visits; create publication q for table visits with (publish = 'insert')")
    world.plans.clear()
    world.plan(delete_triggers=("watch",), replicated_deletes=True)
    assert world.run().status is Status.OK
    assert world.archived() == ALL_OLD


@pytest.mark.near_miss
def test_a_trigger_that_keeps_a_row_keeps_it_out_of_the_archive(world: World) -> None:
    world.lab.run(
        "create function f() returns trigger language plpgsql as 'begin if old.id = 4 then return null; end if; return old; end'"
    )
    world.lab.run("create trigger watch before delete on visits for each row execute function f()")
    world.plans.clear()
    world.plan(delete_triggers=("watch",))
    world.run()
    assert 4 in world.ids()
    assert world.archived() == [number for number in ALL_OLD if number != 4]


@pytest.mark.near_miss
def test_a_legal_hold_keeps_every_row(world: World) -> None:
    world.plans.clear()
    answer = world.plan(legal_hold="case 7").run()
    assert answer.status is Status.OK
    assert "under legal hold: case 7" in answer.summary
    assert len(world.ids()) == OLD + NEW


@pytest.mark.near_miss
def test_columns_may_come_and_go_between_runs(world: World, tmp_path: Path) -> None:
    world.run()
    world.lab.run("alter table visits drop column path, add column agent text default 'a b'")
    world.lab.run("insert into visits values (9001, '2024-02-01 12:00+00', 'c')")
    assert world.run().status is Status.OK
    assert world.archived("id || ':' || coalesce(agent, '-') || coalesce(path, '-')").count("9001:c-") == 1
    assert restored(world, tmp_path / "r").rows == OLD + 1


@pytest.mark.fault
def test_a_column_of_another_type_than_before_is_refused(world: World) -> None:
    world.run()
    world.lab.run("alter table visits alter id type numeric; insert into visits values (9001, '', '2024-02-01 12:00+00')")
    answer = world.run()
    assert rules(answer) == [("archive_refused", "public.visits")]
    assert "is kept as int64 in the archive and would now be string" in title(answer)


@pytest.mark.fault
def test_clocks_that_differ_by_more_than_a_day_archive_nothing(world: World) -> None:
    world.registry.asked_at += timedelta(days=400)
    with pytest.raises(CannotAskError, match="the clocks"):
        world.run()
    assert len(world.ids()) == OLD + NEW


@pytest.mark.fault
def test_missing_rights_are_said_with_the_grant(world: World) -> None:
    world.lab.run("create role archivist login; grant select on visits to archivist")
    world.endpoint = world.lab.login("archivist")
    answer = world.run()
    assert "may not delete on public.visits" in title(answer)
    assert answer.findings[0].remedy == "grant delete on public.visits to archivist;"
    world.lab.run("grant delete on visits to archivist")
    assert world.run().status is Status.OK
    assert world.archived() == ALL_OLD


@pytest.mark.fault
def test_rows_that_a_policy_hides_stop_it(world: World) -> None:
    world.lab.run("create role reader_of_some login; grant select, delete on visits to reader_of_some")
    world.lab.run("alter table visits enable row level security; create policy p on visits using (id > 3)")
    world.endpoint = world.lab.login("reader_of_some")
    assert "row-level security" in title(world.run())


@pytest.mark.fault
def test_a_read_only_server_is_unknown(world: World) -> None:
    world.lab.run(f"alter database {world.lab.database} set default_transaction_read_only = on")
    with pytest.raises(CannotAskError, match="read-only"):
        world.run()


@pytest.mark.near_miss
def test_it_stops_in_time_and_the_next_run_goes_on(world: World) -> None:
    answer = world.run(deadline_s=0)
    assert rules(answer) == [("archive_stopped", "public.visits")]
    assert not world.place.pending()
    assert world.run().status is Status.OK
    assert world.archived() == ALL_OLD


@pytest.mark.near_miss
def test_it_gives_way_to_a_busy_server(world: World) -> None:
    busy = world.lab.session()
    busy.pgconn.send_query(b"select pg_sleep(60)")
    answer = world.run(max_active=0, deadline_s=2)
    busy.cancel()
    while busy.pgconn.get_result():
        pass
    assert "sessions are at work (limit 0)" in title(answer)


@pytest.mark.near_miss
def test_the_partitions_of_a_table_are_archived_each(lab: Lab, tmp_path: Path) -> None:
    lab.run("create table visits (id int, seen_at date) partition by range (seen_at)")
    lab.run("create table visits_2024 partition of visits for values from ('2024-01-01') to ('2025-01-01')")
    lab.run("create table visits_rest partition of visits default")
    lab.run("insert into visits values (1, '2024-05-05'), (2, '2023-05-05'), (3, current_date)")
    world = World(lab, tmp_path / "store").plan(by="year")
    assert world.run().status is Status.OK
    assert (world.archived(), world.ids()) == ([1, 2], [3])


@pytest.mark.fault
def test_a_detach_that_was_interrupted_is_named_with_the_way_out(lab: Lab, tmp_path: Path) -> None:
    lab.run("create table visits (id int, seen_at date) partition by range (seen_at)")
    lab.run("create table visits_2024 partition of visits for values from ('2024-01-01') to ('2025-01-01')")
    lab.run("insert into visits values (1, '2024-05-05')")
    reader = lab.session(autocommit=False)
    reader.execute("select * from visits")
    detaching = lab.session()
    detaching.execute("set statement_timeout = '1s'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        detaching.execute("alter table visits detach partition visits_2024 concurrently")
    reader.rollback()
    world = World(lab, tmp_path / "store").plan()
    answer = world.run()
    assert "a detach of public.visits_2024 from public.visits was interrupted" in title(answer)
    lab.run(answer.findings[0].remedy)
    assert world.run().status is Status.OK


@pytest.mark.slow
@pytest.mark.near_miss
def test_an_application_that_reads_and_writes_all_the_time_notices_nothing(world: World) -> None:
    """It also changes old rows, and a long report is open; no wait is longer than 2 s, and no row is lost or there twice."""
    report = world.lab.session(autocommit=False)
    report.execute("set transaction isolation level repeatable read; select count(*) from visits")
    waits, errors, ended = [], [], threading.Event()

    def serve() -> None:
        number = 10_000
        try:
            with world.lab.endpoint.connect("application") as connection:
                while not ended.is_set():
                    begun, number = time.monotonic(), number + 1
                    connection.execute("insert into visits values (%s, 'app', now())", [number])
                    connection.execute("update visits set path = path || '.' where id = %s", [number % OLD + 1])
                    connection.execute("select count(*) from visits where seen_at > now() - interval '1 day'")
                    waits.append(time.monotonic() - begun)
        except psycopg.Error as error:
            errors.append(error)

    application = threading.Thread(target=serve)
    application.start()
    try:
        for _ in range(3):
            world.run()
    finally:
        ended.set()
        application.join()
    assert not errors
    assert max(waits) < 2
    assert sorted([*world.archived(), *(number for number in world.ids() if number <= OLD)]) == ALL_OLD
    assert report.execute("select count(*) from visits").fetchone() == (OLD + NEW,)


@pytest.mark.fault
def test_a_pooler_in_transaction_mode_is_unknown(world: World, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pgbouncer(tmp_path / "pool", world.lab.endpoint, "transaction") as endpoint:
        world.endpoint = endpoint
        with pytest.raises(CannotAskError, match="pooler in transaction mode"):
            world.run()


@pytest.mark.baseline
def test_rows_come_back_into_a_table_beside(world: World, tmp_path: Path) -> None:
    before = world.lab.value("select string_agg(v::text, chr(10) order by id) from visits as v where id <= 2000")
    world.run()
    assert restored(world, tmp_path / "r").rows == OLD
    assert world.lab.value("select string_agg(v::text, chr(10) order by id) from back as v") == before
    some = restored(
        world, tmp_path / "r", Span(datetime.fromisoformat("2024-02-01"), datetime.fromisoformat("2024-03-01")), "february"
    )
    assert (some.rows, some.files) == (29 * 24, 1)
    with pytest.raises(CannotAskError, match=r"there is a table public\.back"):
        restored(world, tmp_path / "r")
    with pytest.raises(CannotAskError, match="holds no rows of that time"):
        restored(world, tmp_path / "r", Span(datetime.fromisoformat("2030-01-01")), "none")


@pytest.mark.fault
def test_a_transaction_of_another_server_is_not_guessed_about(world: World) -> None:
    record = deletion.Record(0, 1, (), "3", "another server", 1)
    (Path(world.place.store.root) / "pending").mkdir(parents=True)
    (Path(world.place.store.root) / "pending/20260101-a.000000000.deleted").write_bytes(record.to_json())
    with pytest.raises(BrokenError, match="cannot be known"):
        world.run()
    assert archive.queue == "heavy"
    assert len(world.ids()) == OLD + NEW
