"""restore_test: proven only when the copy starts, holds together and answers; unknown is never ok; a rerun tests the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.drills.world import MONTH, World, world_of
from tests.lab import Lab, Past, rules
from upkeep.answer import Answer, Metric, Severity, Status
from upkeep.backups import readback
from upkeep.backups.manifest import NAME
from upkeep.backups.registry import State
from upkeep.backups.restore import Restoring
from upkeep.drills import amcheck, testing
from upkeep.drills.choice import Past as Earlier
from upkeep.drills.outcome import RestoreTest
from upkeep.drills.room import check_room
from upkeep.drills.stages import ORDER
from upkeep.errors import BrokenError
from upkeep.jobs.backups.heartbeat import heartbeat
from upkeep.jobs.backups.restore_test import restore_test
from upkeep.sources.objects import ObjectStore
from upkeep.sources.scratch import ScratchServer
from upkeep.units import Unit

SMOKE = {"name": "orders", "sql": "select count(*) from orders", "at_least": 400}


@pytest.fixture
def world(lab: Lab, tmp_path: Path) -> World:
    """A shop without backups."""
    return world_of(lab, tmp_path)


def row(answer: Answer, number: int = 0) -> RestoreTest:
    found = answer.records[number]
    assert isinstance(found, RestoreTest)
    return found


def flip(place: Any, name: str) -> None:
    """One bit of a stored object."""
    data = bytearray(place.get(name))
    data[len(data) // 2] ^= 1
    place.put(name, bytes(data))


@pytest.mark.baseline
def test_the_newest_is_restored_compared_and_looked_at(world: World) -> None:
    world.ask(heartbeat, fields={"heartbeat": True})
    older, newest = world.take(), world.take()
    answer = world.ask(restore_test, fields={"heartbeat": True, "smoke": [SMOKE], "rto": "1 h", "rpo": "2 h"})
    assert answer.status is Status.OK, answer.summary
    first, second = row(answer), row(answer, 1)
    assert (first.backup_id, first.chosen_as, first.result) == (newest.id, "newest", "proven")
    assert (second.backup_id, second.chosen_as, second.result) == (older.id, "drawn", "proven")
    assert first.rows == 501, "orders and the heartbeat's row"
    assert list(first.seconds) == [stage for stage in ORDER if stage != "recover"]
    assert first.recovery_seconds == pytest.approx(sum(first.seconds.values()), abs=0.01)
    assert first.recovery_point is not None
    assert newest.snapshot_at is not None
    assert abs(first.recovery_point - newest.snapshot_at) < timedelta(minutes=1)
    assert first.recovery_point_from == "heartbeat"
    assert (first.indexes_checked or 0) > 100
    assert (first.tables_checked or 0) > 50
    assert first.smoke == {"orders": {"verdict": "right", "found": "500"}}
    manifest = readback.read_manifest(world.shelf.place.at(newest.id), newest.id)
    assert first.objects == {stored.name: stored.sha256 for stored in manifest.objects}
    assert first.restore_id in world.shelf.rows.restores
    assert "measured on 501 rows, " in answer.summary
    stages = {m.labels["stage"]: m.value for m in answer.metrics if m.name == "recovery_time"}
    assert stages["all"] == first.recovery_seconds


@pytest.mark.baseline
def test_a_rerun_chooses_the_same_and_what_was_proven_in_its_rotation_is_not_drawn(world: World) -> None:
    records = [world.take() for _ in range(4)]
    first, again = (world.ask(restore_test, dry_run=True).evidence["would"] for _ in range(2))
    assert first == again
    assert first[0].startswith(f"would restore {records[-1].id} (newest): ")
    drawn = first[1].split()[2]
    world.past = [Earlier(drawn, "proven", MONTH.start, MONTH.start)]
    other = world.ask(restore_test, dry_run=True).evidence["would"][1].split()[2]
    assert other != drawn
    world.past = [Earlier(each.id, "proven", MONTH.start, MONTH.start) for each in records]
    assert len(world.ask(restore_test, dry_run=True).evidence["would"]) == 1
    assert world.shelf.rows.restores == {}


@pytest.mark.near_miss
def test_a_backup_of_a_table_that_is_empty_everywhere_is_proven(world: World) -> None:
    world.lab.run("truncate orders")
    world.take()
    assert world.ask(restore_test).status is Status.OK
    answer = world.ask(restore_test, fields={"rto": "1 h"})
    assert answer.status is Status.UNKNOWN, "a time measured on no rows says nothing of the objective"
    assert "a copy without rows" in answer.summary
    assert row(answer).result == "proven"


@pytest.mark.near_miss
def test_production_away_hinders_no_test(world: World) -> None:
    world.take()
    world.away = True
    answer = world.ask(restore_test, fields={"rto": "1 h"})
    assert answer.status is Status.OK, answer.summary
    assert "what production is now" not in answer.summary


@pytest.mark.fault
def test_a_time_measured_on_little_says_nothing(world: World) -> None:
    world.take()
    world.lab.run("create table large as select i, repeat('x', 200) as x from generate_series(1, 200000) as i")
    answer = world.ask(restore_test, fields={"rto": "1 h"})
    assert answer.status is Status.UNKNOWN
    assert "was measured on too little: 500 rows, " in answer.summary
    assert "% of what production is now" in answer.summary


@pytest.mark.fault
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"name": "q", "sql": "select count(*) from orders", "expect": 501}, 'answers "q" with 500, not 501'),
        ({"name": "q", "sql": "select count(*) from orders", "at_most": 499.5}, "with 500, not at most 499.5"),
        ({"name": "q", "sql": "select id from orders where false", "at_least": 0}, "with no row, not at least 0"),
        ({"name": "q", "sql": "select null::int", "at_most": 5}, "with null, not at most 5"),
        ({"name": "q", "sql": "select 'NaN'::float8", "at_least": 5}, "with nan, not at least 5"),
        ({"name": "q", "sql": "select total from orders where id = 1", "expect": "1.50"}, "with 1.5, not 1.50"),
        ({"name": "q", "sql": "select exists (select from empty_one)", "expect": True}, "with False, not True"),
        ({"name": "q", "sql": "select 1", "expect": True}, "with 1, not True"),
    ],
)
def test_a_wrong_answer_of_the_copy_is_a_finding(world: World, query: dict[str, Any], message: str) -> None:
    world.take()
    answer = world.ask(restore_test, fields={"smoke": [query]})
    assert rules(answer) == [("smoke_wrong", "q")]
    assert message in answer.findings[0].title


@pytest.mark.near_miss
def test_right_answers_of_every_kind(world: World) -> None:
    world.lab.run("alter table orders enable row level security; alter table orders force row level security")
    world.take()
    wanted = [
        ("select true", True), ("select 1.50", 1.5), ("select count(*) from orders", 500), ("select ' ä'", " ä"),
        ("select '2026-01-01'::date", "2026-01-01"), ("select count(*) / 0.5 from orders -- 100 %", 1000),
    ]  # fmt: skip
    smoke = [{"name": sql, "sql": sql, "expect": expect} for sql, expect in wanted]
    answer = world.ask(restore_test, fields={"smoke": smoke})
    assert answer.status is Status.OK, answer.summary


@pytest.mark.fault
@pytest.mark.parametrize(
    "sql",
    [
        "select nonsense", "select 1 from not_there", "select pg_sleep(9)", "select 1; drop table orders", "delete from orders",
        "create table mine (i int)", "copy orders to program 'cat'", "set role upkeep_restore", "select 1 / 0", "begin",
    ],
)  # fmt: skip
def test_a_broken_query_is_unknown_not_ok(world: World, sql: str) -> None:
    world.take()
    answer = world.ask(restore_test, fields={"smoke": [{"name": "q", "sql": sql, "expect": 1, "timeout_s": 0.5}]})
    assert answer.status is Status.UNKNOWN
    assert 'smoke query "q" could not be answered by the newest backup: ' in answer.summary
    assert row(answer).result == "proven"
    assert row(answer).smoke["q"]["verdict"] == "broken"


@pytest.mark.fault
@pytest.mark.parametrize("harm", ["bit", "missing", "short", "manifest", "exchanged", "no manifest"])
def test_a_newest_backup_that_is_not_what_was_stored(world: World, harm: str) -> None:
    older, record = world.take(), world.take()
    place = world.shelf.place.at(record.id)
    name = next(name for name in place.sizes() if name.startswith("rows/"))
    match harm:
        case "bit":
            flip(place, name)
        case "missing":
            place.delete(name)
        case "short":
            place.put(name, place.get(name)[:-3])
        case "manifest":
            flip(place, NAME)
        case "exchanged":
            place.put(NAME, world.shelf.place.at(older.id).get(NAME))
        case _:
            place.delete(NAME)
    answer = world.ask(restore_test)
    assert [(f.rule, f.object) for f in answer.findings] == [
        ("restore_failed" if harm == "missing" else "backup_damaged", "newest backup")
    ]
    assert answer.worst is Severity.CRITICAL
    assert record.id in answer.findings[0].title
    if harm != "missing":
        assert world.shelf.rows.backups[record.id].damaged, "retention is to keep another one instead"
    assert row(answer, 1).result == "proven"
    assert rules(world.ask(restore_test)) in ([], [("restore_failed", "newest backup")]), "then the next newest is tested"


@pytest.mark.fault
def test_a_flipped_byte_in_an_old_backup_is_found_within_its_rotation_and_not_before_its_turn(world: World) -> None:
    records = [world.take() for _ in range(3)]
    long_ago = MONTH.end - timedelta(days=80)
    world.shelf.rows.backups[records[0].id] = replace(records[0], verified_at=long_ago)
    world.shelf.rows.backups[records[1].id] = replace(records[1], verified_at=MONTH.end - timedelta(days=50))
    flip(
        world.shelf.place.at(records[0].id), next(n for n in world.shelf.place.at(records[0].id).sizes() if n.startswith("rows/"))
    )
    world.past = [Earlier(records[0].id, "whole", MONTH.end - timedelta(days=70), MONTH.end - timedelta(days=70))]
    answer = world.ask(restore_test, drawn=0)
    assert rules(answer) == [("backup_damaged", records[0].id)]
    assert [(r.backup_id, r.chosen_as, r.result) for r in answer.records if isinstance(r, RestoreTest)] == [
        (records[2].id, "newest", "proven"), (records[0].id, "rotation", "damaged"),
    ]  # fmt: skip


@pytest.mark.baseline
def test_what_is_unchanged_and_was_verified_is_not_read_again_within_its_rotation(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = world.take(), world.take()
    world.shelf.rows.backups[old.id] = replace(old, verified_at=MONTH.end - timedelta(days=80))
    read: list[str] = []
    usual = readback.read_back

    def noted(place: ObjectStore, objects: Any, jobs: int) -> None:
        read.append(place.url)
        usual(place, objects, jobs)

    monkeypatch.setattr(readback, "read_back", noted)
    answer = world.ask(restore_test, drawn=0)
    assert row(answer, 1).result == "whole"
    assert row(answer, 1).objects
    assert len(read) == 1
    world.past = [Earlier(old.id, "whole", MONTH.end, MONTH.end)]
    world.ask(restore_test, drawn=0)
    assert len(read) == 1


@pytest.mark.fault
def test_a_copy_that_does_not_start_again_is_not_proven(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.take()

    def spoil(server: ScratchServer, mode: str = "fast") -> None:
        usual(server, mode)
        (server.data / "global/pg_control").write_bytes(b"\0" * 8192)

    usual = ScratchServer.stop
    monkeypatch.setattr(ScratchServer, "stop", spoil)
    answer = world.ask(restore_test)
    assert rules(answer) == [("copy_does_not_start", "newest backup")]
    assert row(answer).result == "failed"


@pytest.mark.fault
def test_a_corrupt_index_of_the_copy_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.take()

    def spoil(endpoint: Any, progress: Any, *, jobs: int = 2) -> amcheck.Checked:
        """An index that orders by another rule than its operators do: as after a change of the C library."""
        with endpoint.connect("spoil") as connection:
            connection.execute(b"set allow_system_table_mods = on")
            connection.execute(
                b"update pg_index set indclass = (select array_to_string(array[oid], ' ')::oidvector from pg_opclass"
                b" where opcname = 'int4_ops' and opcmethod = 403) where indexrelid = 'orders_placed_at_idx'::regclass"
            )
        return usual(endpoint, progress, jobs=jobs)

    usual = amcheck.check
    monkeypatch.setattr(amcheck, "check", spoil)
    answer = world.ask(restore_test)
    assert rules(answer) == [("copy_corrupt", "public.orders_placed_at_idx")]


@pytest.mark.fault
def test_rows_that_differ_from_the_manifest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.take()
    usual = Restoring.run

    def differs(restoring: Restoring) -> Any:
        return replace(usual(restoring), differences=("public.orders has 499 rows, not 500",))

    monkeypatch.setattr(Restoring, "run", differs)
    answer = world.ask(restore_test)
    assert rules(answer) == [("restore_differs", "newest backup")]
    assert row(answer).result == "differs"


@pytest.mark.fault
def test_objectives_that_are_missed(world: World) -> None:
    world.ask(heartbeat, fields={"heartbeat": True})
    world.take()
    answer = world.ask(restore_test, fields={"heartbeat": True, "rto": "0.1 s", "rpo": "30 s"})
    assert sorted(rules(answer)) == [("recovery_point_age_missed", "newest backup"), ("recovery_time_missed", "newest backup")]
    assert all(f.severity is Severity.HIGH for f in answer.findings)
    assert "measured on 501 rows" in next(f.title for f in answer.findings if f.rule == "recovery_time_missed")


@pytest.mark.fault
def test_the_day_on_which_the_objective_breaks_is_foretold_with_its_interval(world: World) -> None:
    world.take()
    now = world.shelf.rows.asked_at
    at = [now - timedelta(days=360 - 30 * n) for n in range(12)]
    world.history = Past(
        measured=[
            Metric(name="recovery_time", value=n * 200 - 2400, unit=Unit.SECONDS, labels={"stage": stage}, at=at[n])
            for n in range(12)
            for stage in ("all", "data")
        ]
    )
    answer = world.ask(restore_test, fields={"rto": "15 min"})
    assert rules(answer) == [("recovery_time_forecast", "newest backup")]
    finding = answer.findings[0]
    assert "80 % interval" in finding.title
    assert finding.due_by
    assert finding.due_by > now


@pytest.mark.fault
def test_a_heartbeat_that_stopped(world: World) -> None:
    world.ask(heartbeat, fields={"heartbeat": True})
    world.lab.run("update upkeep_heartbeat.heartbeat set beat_at = now() - interval '3 days'")
    world.take()
    answer = world.ask(restore_test, fields={"heartbeat": True})
    assert rules(answer) == [("heartbeat_old", "newest backup")]
    assert "3 d older" in answer.findings[0].title


@pytest.mark.fault
@pytest.mark.parametrize(
    ("heartbeat_", "message"),
    [
        (True, 'no table "upkeep_heartbeat"."heartbeat"'),
        ({"table": "public.gone", "column": "x"}, "no table public.gone"),
        ({"table": "orders", "column": "x"}, "could not be read"),
        ({"table": "orders", "column": "total"}, "could not be read"),
        ({"table": "empty(", "column": "total"}, ""),
        ({"table": "public.empty_times", "column": "at"}, "has no moment"),
        ({"table": "public.future", "column": "at"}, "after the backup was taken: a clock was wrong"),
    ],
)
def test_a_recovery_point_that_cannot_be_read_is_unknown(world: World, heartbeat_: Any, message: str) -> None:
    world.lab.run(
        "create table empty_times (at timestamptz); insert into empty_times values ('infinity'), (null);"
        "create table future (at timestamptz); insert into future values (now() + interval '1 day')"
    )
    world.take()
    answer = world.ask(restore_test, fields={"heartbeat": heartbeat_, "rpo": "1 d"})
    assert answer.status is Status.UNKNOWN, answer.summary
    assert message in answer.summary


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("column", "point"),
    [("placed_at", (30, 11, 59)), ("day", (30, 0, 0)), ("loose", (30, 0, 0))],
)
def test_a_column_of_the_application_says_it_too(world: World, column: str, point: tuple[int, int, int]) -> None:
    world.lab.run(
        'create schema "Ä b"; create table "Ä b"."o ü" as select placed_at, day, loose from orders;'
        "insert into \"Ä b\".\"o ü\" values ('infinity', 'infinity', 'infinity')"
    )
    world.take()
    answer = world.ask(restore_test, fields={"heartbeat": {"table": '"Ä b"."o ü"', "column": column}})
    assert answer.status is Status.OK, answer.summary
    assert row(answer).recovery_point == datetime(2026, 10, *point, tzinfo=UTC)


@pytest.mark.fault
def test_an_encrypted_backup_without_a_key_is_unknown_and_its_stored_form_is_still_judged(world: World) -> None:
    pyrage = pytest.importorskip("pyrage")
    world.take(encrypt_to=(str(pyrage.x25519.Identity.generate().to_public()),))
    answer = world.ask(restore_test)
    assert answer.status is Status.UNKNOWN
    assert "no private key is here" in answer.summary
    assert row(answer).result == "unknown"


@pytest.mark.fault
@pytest.mark.parametrize("when", ["before", "while it is read back"])
def test_a_store_that_is_not_mounted_is_away_and_damages_no_backup(
    world: World, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.take()
    mounted, away = world.folder, world.folder.with_name(f"{world.folder.name} not mounted")
    whole = readback.read_back

    def unmount(*given: Any) -> None:
        if not away.exists():
            mounted.rename(away)
            mounted.mkdir()
        whole(*given)

    if when == "before":
        mounted.rename(away)
        mounted.mkdir()
    else:
        old = next(iter(world.shelf.rows.backups.values()))
        world.shelf.rows.backups[old.id] = replace(old, verified_at=MONTH.end - timedelta(days=80))
        world.take()
        monkeypatch.setattr(readback, "read_back", unmount)
    with pytest.raises(BrokenError, match="the store shows nothing of shop") as raised:
        world.ask(restore_test, drawn=0)
    assert raised.value.retry
    assert all(record.damaged is None for record in world.shelf.rows.backups.values())


@pytest.mark.baseline
def test_an_encrypted_backup_is_opened_with_the_key_of_a_connection_which_nothing_shows(world: World) -> None:
    pyrage = pytest.importorskip("pyrage")
    earlier, mine = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    world.take(encrypt_to=(str(mine.to_public()),))
    world.keys = {"age": f"# made in May\n{earlier}\n{mine}\n"}
    answer = world.ask(restore_test, fields={"backup": {"to": world.folder.as_uri(), "identity": "age"}})
    assert answer.status is Status.OK, answer.summary
    assert row(answer).result == "proven"
    assert "AGE-SECRET" not in repr(answer)


@pytest.mark.fault
def test_a_key_that_opens_nothing_of_a_backup_makes_it_unknown_and_not_damaged(world: World) -> None:
    pyrage = pytest.importorskip("pyrage")
    world.take(encrypt_to=(str(pyrage.x25519.Identity.generate().to_public()),))
    world.keys = {"age": str(pyrage.x25519.Identity.generate())}
    fields = {"backup": {"to": world.folder.as_uri(), "identity": "age"}}
    answer = world.ask(restore_test, fields=fields)
    assert answer.status is Status.UNKNOWN
    assert 'the private key of connection "age" is none of those' in answer.summary
    world.keys = {"age": "hunter2"}
    answer = world.ask(restore_test, fields=fields)
    assert answer.status is Status.UNKNOWN
    assert "is no age private key" in answer.summary
    assert "hunter2" not in repr(answer)


@pytest.mark.fault
@pytest.mark.parametrize("missing", ["room", "server", "host"])
def test_what_this_machine_lacks_makes_it_unknown(world: World, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    record = world.take()
    match missing:
        case "room":
            monkeypatch.setattr(testing, "check_room", lambda raw, about: check_room(raw * 10**12, about))
        case "server":
            monkeypatch.setattr("upkeep.backups.scratch_restore.installed", lambda: {16: Path("/")})
        case _:
            world.shelf.rows.put(replace(record, host="worker-2"))
            world.shelf.place.at(record.id).delete_all()
    answer = world.ask(restore_test)
    assert answer.status is Status.UNKNOWN
    values = {"room": "nothing was started", "server": "no scratch server of PostgreSQL", "host": "on the local disk of worker-2"}
    assert values[missing] in answer.summary


@pytest.mark.fault
def test_a_store_that_is_away_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.take()

    def away(*_: Any) -> None:
        raise BrokenError("could not read at s3://x: timed out", retry=True)

    monkeypatch.setattr("upkeep.backups.restore.unpacking.identities", away)
    with pytest.raises(BrokenError, match="timed out"):
        world.ask(restore_test)


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("backup", "message"),
    [
        ({"taken_by": "rds", "name": "main"}, "its backups are taken by rds"),
        ("usual", "there is no whole backup to restore"),
    ],
)
def test_without_whole_backups_of_ours_it_is_unknown(world: World, backup: Any, message: str) -> None:
    record = world.take()
    world.shelf.rows.put(replace(record, state=State.DELETED))
    answer = world.ask(restore_test, fields={"backup": backup} if backup != "usual" else None)
    assert answer.status is Status.UNKNOWN
    assert message in answer.summary


STEPS = (
    "choose",
    "manifest",
    "check",
    "roles",
    "create",
    "fetch",
    "rows",
    "indexes",
    "compare",
    "start again",
    "amcheck",
    "smoke",
)


@pytest.mark.fault
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_a_rerun_tests_the_same(world: World, step: str) -> None:
    record = world.take()

    class KilledError(BaseException):
        """Stands for the end of the process."""

    def kill(now: str, text: str = "") -> None:
        if now == step:
            raise KilledError(text)

    with pytest.raises(KilledError):
        world.ask(restore_test, kill)
    answer = world.ask(restore_test)
    assert answer.status is Status.OK, answer.summary
    assert row(answer).backup_id == record.id
    assert not [r for r in world.shelf.rows.restores.values() if r.state == "running"]
