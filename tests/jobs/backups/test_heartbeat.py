"""heartbeat: one row, replaced by key; the exact grant where it may not be written; killed anywhere, written by the next run."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.drills.world import World, world_of
from tests.lab import Lab
from upkeep.answer import Status
from upkeep.doctor.heartbeat import heartbeat as doctor
from upkeep.drills import heartbeat as writing
from upkeep.errors import BrokenError
from upkeep.jobs.backups.heartbeat import heartbeat
from upkeep.targets.diagnosis import Level

ROWS = "select count(*) from upkeep_heartbeat.heartbeat"


@pytest.fixture
def world(lab: Lab, tmp_path: Path) -> World:
    """A shop."""
    return world_of(lab, tmp_path)


@pytest.fixture
def writer(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Its login is a role of its own that may do nothing yet."""
    world.lab.run("create role beat_writer login")
    endpoint = world.lab.login("beat_writer")
    monkeypatch.setattr(World, "postgres", lambda _self, connection_id: endpoint if connection_id else None)
    yield world
    world.lab.run("drop owned by beat_writer cascade; drop role beat_writer")


@pytest.mark.baseline
def test_one_row_is_replaced_and_never_grows(world: World) -> None:
    first = world.ask(heartbeat, fields={"heartbeat": True})
    assert first.status is Status.OK
    assert first.summary.startswith("table made, row written: ")
    before = world.lab.value("select beat_at from upkeep_heartbeat.heartbeat")
    assert world.ask(heartbeat, fields={"heartbeat": True}).summary.startswith("row replaced: ")
    assert world.lab.value(ROWS) == 1
    assert world.lab.value("select beat_at from upkeep_heartbeat.heartbeat") > before


@pytest.mark.near_miss
def test_another_target_of_the_same_database_has_its_own_row(world: World) -> None:
    for name in ("shop", "shop ä", "o'shop"):
        world.ask(heartbeat, fields={"heartbeat": 'Beat "ä"', "name": name})
    assert world.lab.value('select count(*) from "Beat ""ä"""."heartbeat"') == 3


@pytest.mark.near_miss
def test_nothing_is_written_where_none_is_declared_or_a_column_is(world: World) -> None:
    assert world.ask(heartbeat).status is Status.OK
    answer = world.ask(heartbeat, fields={"heartbeat": {"table": "orders", "column": "placed_at"}})
    assert answer.summary == "nothing to write: restore tests read the newest placed_at of orders"
    assert world.ask(heartbeat, fields={"heartbeat": False}).status is Status.OK
    assert world.lab.value("select to_regnamespace('upkeep_heartbeat') is null")


@pytest.mark.near_miss
def test_a_dry_run_says_what_and_changes_nothing(world: World) -> None:
    message = world.ask(heartbeat, fields={"heartbeat": True}, dry_run=True).summary
    assert message == "would make the table upkeep_heartbeat.heartbeat and write the row; dry run, nothing was changed"
    assert world.lab.value("select to_regnamespace('upkeep_heartbeat') is null")


@pytest.mark.fault
def test_without_rights_the_exact_grant_is_told_and_does(writer: World) -> None:
    answer = writer.ask(heartbeat, fields={"heartbeat": True})
    assert answer.status is Status.UNKNOWN
    assert answer.evidence["remedy"] == 'create schema "upkeep_heartbeat" authorization "beat_writer";'
    writer.lab.run("create schema upkeep_heartbeat")
    answer = writer.ask(heartbeat, fields={"heartbeat": True})
    assert answer.evidence["remedy"] == 'grant usage, create on schema "upkeep_heartbeat" to "beat_writer";'
    writer.lab.run(answer.evidence["remedy"])
    assert writer.ask(heartbeat, fields={"heartbeat": True}).status is Status.OK
    writer.lab.run("alter table upkeep_heartbeat.heartbeat owner to postgres")
    answer = writer.ask(heartbeat, fields={"heartbeat": True})
    assert answer.evidence["remedy"] == 'grant select, insert, update on table "upkeep_heartbeat"."heartbeat" to "beat_writer";'
    writer.lab.run(answer.evidence["remedy"])
    assert writer.ask(heartbeat, fields={"heartbeat": True}).status is Status.OK


@pytest.mark.fault
def test_the_doctor_says_the_same_grant_and_changes_nothing(writer: World) -> None:
    target = writer.database(heartbeat=True)
    found = list(doctor(target, writer, "inventory.yaml:7"))
    assert [(f.about, f.level, f.grants) for f in found] == [
        ("heartbeat", Level.NO, ('create schema "upkeep_heartbeat" authorization "beat_writer";',))
    ]
    writer.lab.run(found[0].grants[0])
    assert [f.level for f in doctor(target, writer, "")] == [Level.OK]
    assert writer.lab.value("select to_regclass('upkeep_heartbeat.heartbeat') is null")
    assert list(doctor(writer.database(), writer, "")) == []


@pytest.mark.near_miss
def test_a_login_whose_sessions_are_read_only_still_writes(writer: World) -> None:
    writer.lab.run(
        "create schema upkeep_heartbeat authorization beat_writer; alter role beat_writer set default_transaction_read_only = on;"
        "alter role beat_writer set search_path = nowhere"
    )
    assert writer.ask(heartbeat, fields={"heartbeat": True}).status is Status.OK


@pytest.mark.fault
def test_another_table_of_that_name_is_left_alone(world: World) -> None:
    world.lab.run("create schema upkeep_heartbeat; create table upkeep_heartbeat.heartbeat (mine int)")
    with pytest.raises(BrokenError, match="is another table than the heartbeat's"):
        world.ask(heartbeat, fields={"heartbeat": True})
    assert world.lab.value(ROWS) == 0


@pytest.mark.fault
@pytest.mark.parametrize("after", range(9))
def test_killed_after_any_statement_the_next_run_writes(world: World, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class KilledError(BaseException):
        """Stands for the end of the process."""

    done: list[int] = []
    import psycopg

    usual = psycopg.Connection.execute

    def kill(self: object, *args: object, **more: object) -> object:
        if len(done) == after:
            raise KilledError
        done.append(1)
        return usual(self, *args, **more)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "execute", kill)
        try:
            world.ask(heartbeat, fields={"heartbeat": True})
        except KilledError:
            assert len(done) == after
    assert world.ask(heartbeat, fields={"heartbeat": True}).status is Status.OK
    assert world.lab.value(ROWS) == 1


@pytest.mark.near_miss
def test_several_at_once_make_one_table_and_one_row(world: World) -> None:
    def beat(_: int) -> str:
        return writing.beat(world.lab.endpoint, "upkeep_heartbeat", "i", "shop")[1]

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(beat, range(6)))
    assert world.lab.value(ROWS) == 1
    assert set(found) <= {"table made, row written", "row written", "row replaced"}


@pytest.mark.fault
def test_a_lock_that_is_held_is_not_waited_for_long(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.ask(heartbeat, fields={"heartbeat": True})
    monkeypatch.setattr(writing, "LIMITS", {**writing.LIMITS, "lock_timeout": "50ms"})
    holder = world.lab.session(autocommit=False)
    holder.execute("lock table upkeep_heartbeat.heartbeat")
    with pytest.raises(BrokenError, match="waited too long for a lock"):
        world.ask(heartbeat, fields={"heartbeat": True})
