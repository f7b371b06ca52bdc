"""Partitions that are wholly old go as a whole; a row is at every moment in the table or in a proven file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.archive.restored import restored
from tests.archive.world import World
from tests.lab import Lab, rules
from upkeep.answer import Answer, Status
from upkeep.archive import detaching, run, whole
from upkeep.archive.detaching import Detaching
from upkeep.archive.frozen import CLOSED, Note
from upkeep.archive.partitions import is_bound

PARTED = """
    create table visits (id int, path text, seen_at timestamptz not null) partition by range (seen_at);
    create table visits_2023 partition of visits for values from ('2023-01-01') to ('2024-01-01');
    create table visits_2024 partition of visits for values from ('2024-01-01') to ('2025-01-01');
    create table visits_now partition of visits for values from ('2025-01-01') to (maxvalue);
    create index on visits (seen_at);
    insert into visits select i, 'p' || i, '2023-02-01'::timestamptz + i * interval '1 hour' from generate_series(1, 300) as i;
    insert into visits select i, 'p' || i, '2024-02-01'::timestamptz + i * interval '1 hour' from generate_series(301, 600) as i;
    insert into visits values (601, 'late', '2025-01-02'), (602, 'new', now());
"""
OLD = list(range(1, 602))


@pytest.fixture
def world(lab: Lab, tmp_path: Path) -> World:
    """Two partitions that are wholly old, and one that has an old row and takes new ones."""
    lab.run(PARTED)
    return World(lab, tmp_path / "store").plan()


def partitions(lab: Lab, table: str = "visits") -> list[str]:
    asked = f"select relid::regclass::text from pg_partition_tree('{table}') where level > 0 order by 1"
    with lab.endpoint.connect("look") as connection:
        return [name for (name,) in connection.execute(asked.encode())]


def tables(lab: Lab) -> list[str]:
    asked = b"select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1"
    with lab.endpoint.connect("look") as connection:
        return [name for (name,) in connection.execute(asked)]


def closed(lab: Lab) -> int:
    with lab.endpoint.connect("look") as connection:
        found = connection.execute("select count(*) from pg_constraint where conname = %s", [CLOSED]).fetchone()
    return int(found[0]) if found else 0


def why(answer: Answer) -> dict[str, str]:
    """Why partitions went row by row."""
    said: Any = answer.evidence
    return dict(said["tables"][0]["by_rows"])


@pytest.mark.baseline
def test_wholly_old_partitions_are_archived_and_dropped(every_lab: Lab, tmp_path: Path) -> None:
    every_lab.run(PARTED)
    world = World(every_lab, tmp_path / "store").plan()
    answer = world.run()
    assert answer.status is Status.OK, answer
    assert (world.archived(), world.ids()) == (OLD, [602])
    assert tables(world.lab) == ["visits", "visits_now"]
    assert "2 partitions dropped" in answer.summary
    assert not world.place.pending()
    restored(world, tmp_path)


@pytest.mark.near_miss
def test_a_wide_partition_that_takes_new_rows_stays_whatever_its_name_and_rows(lab: Lab, tmp_path: Path) -> None:
    lab.run("create table visits (id int, seen_at date) partition by range (seen_at)")
    lab.run("create table visits_p2020 partition of visits for values from (minvalue) to ('2099-01-01')")
    lab.run("insert into visits values (1, '2020-05-05'), (2, '2021-05-05')")
    world = World(lab, tmp_path / "store").plan()
    assert world.run().status is Status.OK
    assert (world.archived(), partitions(lab)) == ([1, 2], ["visits_p2020"])


@pytest.mark.near_miss
def test_an_empty_partition_stays(lab: Lab, tmp_path: Path) -> None:
    lab.run(PARTED + "delete from visits_2023")
    world = World(lab, tmp_path / "store").plan()
    assert world.run().status is Status.OK
    assert partitions(lab) == ["visits_2023", "visits_now"]


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("planted", "reason"),
    [
        ("create table visits_rest partition of visits default", "default partition"),
        ("create view report as select * from visits_2023; create view other as select * from visits_2024", "needs it"),
        ("create publication p for table visits_2023, visits_2024 with (publish = 'insert')", "publication p names it"),
        ("create table t (v visits_2023, w visits_2024)", "table public.t needs it"),
        (
            "create function f() returns bigint language sql begin atomic select count(*) from visits_2023, visits_2024; end",
            "needs it",
        ),
    ],
    ids=["default", "view", "publication", "row type", "function"],
)
def test_what_may_not_be_dropped_is_deleted_by_rows_and_said(world: World, planted: str, reason: str) -> None:
    world.lab.run(planted)
    answer = world.run()
    assert answer.status is Status.OK, answer
    assert reason in why(answer)["public.visits_2023"]
    assert "by rows" in answer.summary
    assert (world.archived(), world.ids()) == (OLD, [602])
    assert {"visits_2023", "visits_2024"} <= set(partitions(world.lab))


@pytest.mark.near_miss
def test_deletes_that_others_are_to_hear_of_are_made(lab: Lab, tmp_path: Path) -> None:
    lab.run(PARTED + "create publication everything for all tables")
    lab.run("create function f() returns trigger language plpgsql as 'begin return old; end'")
    world = World(lab, tmp_path / "store").plan(replicated_deletes=True)
    assert "everything is to publish the deletes" in why(world.run())["public.visits_2024"]
    lab.run("drop publication everything; insert into visits values (3, 'x', '2023-05-05')")
    lab.run("create trigger watch before delete on visits for each row execute function f()")
    second = World(lab, tmp_path / "store").plan(delete_triggers=["watch"])
    assert "watch is to fire for each row" in why(second.run())["public.visits_2023"]


@pytest.mark.near_miss
def test_a_publication_without_deletes_keeps_its_history(world: World) -> None:
    world.lab.run("create publication history for table visits with (publish = 'insert, update', publish_via_partition_root)")
    assert world.run().status is Status.OK
    assert partitions(world.lab) == ["visits_now"]


@pytest.mark.near_miss
def test_a_login_that_owns_nothing_deletes_by_rows(world: World) -> None:
    world.lab.run("create role archivist login in role pg_monitor; grant usage on schema public to archivist")
    for name in ("visits", "visits_2023", "visits_2024", "visits_now"):
        world.lab.run(f"grant select, delete on {name} to archivist")
    world.endpoint = world.lab.login("archivist")
    answer = world.run()
    assert answer.status is Status.OK, answer
    assert "owns neither it nor its parent" in why(answer)["public.visits_2023"]
    assert (world.archived(), len(partitions(world.lab))) == (OLD, 3)


@pytest.mark.near_miss
def test_partitions_may_be_declared_to_stay(lab: Lab, tmp_path: Path) -> None:
    lab.run(PARTED)
    world = World(lab, tmp_path / "store").plan(drop_partitions=False)
    answer = world.run()
    assert (world.archived(), len(partitions(lab)), why(answer)) == (OLD, 3, {})


@pytest.mark.near_miss
@pytest.mark.parametrize("date", ["null", "'-infinity'"])
def test_a_partition_with_rows_that_no_run_archives_stays(lab: Lab, tmp_path: Path, date: str) -> None:
    lab.run("create table visits (id int, seen_at date) partition by list (seen_at)")
    lab.run("create table visits_old partition of visits for values in ('2020-05-05', '-infinity', null)")
    lab.run(f"insert into visits values (1, '2020-05-05'), (2, {date})")
    world = World(lab, tmp_path / "store").plan()
    assert "1 row without a date" in why(world.run())["public.visits_old"]
    assert (world.archived(), world.ids()) == ([1], [2])


def test_a_dry_run_says_which_and_changes_nothing(world: World) -> None:
    answer = world.run(dry_run=True)
    assert "would archive 601 rows before " in answer.summary
    assert ", and detach and drop public.visits_2023, public.visits_2024; dry run, nothing was changed" in answer.summary
    assert (len(partitions(world.lab)), closed(world.lab), world.archived()) == (3, 0, [])


def test_a_legal_hold_keeps_every_partition(lab: Lab, tmp_path: Path) -> None:
    lab.run(PARTED)
    World(lab, tmp_path / "store").plan(legal_hold="case 7").run()
    assert len(partitions(lab)) == 3


@pytest.mark.near_miss
def test_a_foreign_key_to_a_partition_is_refused_by_name(world: World) -> None:
    world.lab.run("create unique index u on visits_2023 (id); create table notes (visit int references visits_2023 (id))")
    answer = world.run()
    assert rules(answer) == [("archive_refused", "public.visits")]
    assert "foreign keys lead to public.visits_2023" in answer.findings[0].title
    assert len(partitions(world.lab)) == 3


MANY = """
    create table visits (id int, region text, seen_at timestamp) partition by {top};
    create table visits_a partition of visits {a} partition by {below};
    create table visits_b partition of visits {b} partition by {below};
    create table visits_a1 partition of visits_a {one};
    create table visits_a2 partition of visits_a {two};
    create table visits_b1 partition of visits_b {one};
    create table visits_b2 partition of visits_b {two};
    insert into visits
    select i, case when i % 2 = 0 then 'n' else 's' end, case when i <= 40 then '2024-03-03' else '2099-01-01' end::timestamp
    from generate_series(1, 80) as i;
"""
DATED = ("for values from ('2024-01-01') to ('2025-01-01')", "for values from ('2025-01-01') to (maxvalue)")
LISTED = ("for values in ('n')", "for values in ('s')")
HASHED = ("for values with (modulus 2, remainder 0)", "for values with (modulus 2, remainder 1)")


@pytest.mark.parametrize(
    ("top", "upper", "below", "lower", "left"),
    [
        ("range (seen_at)", DATED, "list (region)", LISTED, ["visits_b", "visits_b1", "visits_b2"]),
        ("range (seen_at)", DATED, "hash (id)", HASHED, ["visits_b", "visits_b1", "visits_b2"]),
        ("list (region)", LISTED, "range (seen_at)", DATED, ["visits_a", "visits_a2", "visits_b", "visits_b2"]),
    ],
    ids=["dates above lists", "dates above hashes", "lists above dates"],
)
def test_partitions_of_partitions(
    lab: Lab, tmp_path: Path, top: str, upper: tuple[str, str], below: str, lower: tuple[str, str], left: list[str]
) -> None:
    lab.run(MANY.format(top=top, a=upper[0], b=upper[1], below=below, one=lower[0], two=lower[1]))
    world = World(lab, tmp_path / "store").plan()
    answer = world.run()
    assert answer.status is Status.OK, answer
    assert partitions(lab) == left
    assert (world.archived(), world.ids()) == (list(range(1, 41)), list(range(41, 81)))


@pytest.mark.near_miss
@pytest.mark.parametrize("key", ["(id, seen_at)", "((id + 0), seen_at)"])
def test_what_the_server_does_not_prove_to_be_old_is_deleted_by_rows(lab: Lab, tmp_path: Path, key: str) -> None:
    lab.run(f"create table visits (id int, seen_at date) partition by range {key}")
    lab.run("create table visits_1 partition of visits for values from (0, '2020-01-01') to (9, '2021-01-01')")
    lab.run("insert into visits values (0, '2020-05-05'), (1, '2020-05-05')")
    world = World(lab, tmp_path / "store").plan()
    assert world.run().status is Status.OK
    assert (world.archived(), partitions(lab)) == ([0, 1], ["visits_1"])


def test_names_may_be_anything(lab: Lab, tmp_path: Path) -> None:
    lab.run("""create schema "s.%"; create table "s.%"."v""%s" (id int, "a at" date) partition by range ("a at")""")
    lab.run("""create table "s.%"."v ä'%(x)s" partition of "s.%"."v""%s" for values from ('2020-01-01') to ('2021-01-01')""")
    lab.run("""insert into "s.%"."v""%s" values (1, '2020-05-05')""")
    plan = {"table": 'public.v"%s', "column": "a at"}
    lab.run("""alter table "s.%"."v""%s" set schema public""")
    world = World(lab, tmp_path / "store").plan(**plan)
    assert world.run().status is Status.OK
    with lab.endpoint.connect("look") as connection:
        assert connection.execute("select count(*) from pg_class where relname = 'v ä''%(x)s'").fetchone() == (0,)
    assert world.archived() == [1]


def between(monkeypatch: pytest.MonkeyPatch, of: Any, name: str, do: Callable[[], object]) -> None:
    """Do something once, right after a step."""
    step, done = getattr(of, name), list[bool]()

    def then(*args: Any) -> Any:
        found = step(*args)
        if not done:
            done.append(True)
            do()
        return found

    monkeypatch.setattr(of, name, then)


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        ("insert into visits values (900, 'late', '2023-12-31')", {900}),
        ("update visits set path = 'changed' where id = 7", {7}),
        ("delete from visits where id = 8", set()),
        ("delete from visits where id = 8; insert into visits values (8, 'p8', '2023-05-05')", {8}),
    ],
    ids=["late row", "update", "delete", "made anew"],
)
def test_what_is_written_after_the_copy_is_no_part_of_the_archive(
    world: World, monkeypatch: pytest.MonkeyPatch, change: str, stays: set[int]
) -> None:
    between(monkeypatch, run, "store_proven", lambda: world.lab.run(change))
    answer = world.run()
    assert "written, changed or deleted meanwhile" in why(answer)["public.visits_2023"]
    everything = {*OLD, 602, *stays} - ({8} if "delete" in change and not stays else set())
    assert sorted(world.archived() + world.ids()) == sorted(everything)
    assert closed(world.lab) == 0
    assert "visits_2023" in partitions(world.lab)


def test_nothing_can_be_written_to_it_once_it_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def late() -> None:
        for change in ("insert into visits values (900, 'late', '2023-12-31')", "update visits set path = '' where id = 7"):
            with pytest.raises(psycopg.errors.CheckViolation, match=CLOSED) as error, world.lab.endpoint.connect("app") as app:
                app.execute(change)
            said.append(str(error.value))

    between(monkeypatch, Detaching, "close", late)
    assert world.run().status is Status.OK
    assert (len(said), world.archived()) == (2, OLD)


def test_rows_that_are_deleted_while_it_is_closed_are_not_in_the_archive(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    between(monkeypatch, Detaching, "_detach", lambda: world.lab.run("delete from visits_2023 where id = 7"))
    answer = world.run()
    assert "visits_2023" in partitions(world.lab), answer
    assert sorted(world.archived() + world.ids()) == [number for number in [*OLD, 602] if number != 7]


def test_what_came_to_need_it_meanwhile_keeps_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    between(monkeypatch, Detaching, "_detach", lambda: world.lab.run("create view v as select * from visits_2023"))
    answer = world.run()
    assert "or others need it" in why(answer)["public.visits_2023"]
    assert (world.archived(), "visits_2023" in partitions(world.lab)) == (OLD, True)


def test_a_transaction_that_has_used_it_for_long_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "IN_USE_S", 0)
    reader = world.lab.session(autocommit=False)
    reader.execute("select count(*) from visits")
    answer = world.run()
    assert f"process {reader.info.backend_pid}" in why(answer)["public.visits_2023"]
    assert (world.archived(), world.ids(), len(partitions(world.lab))) == (OLD, [602], 3)
    reader.rollback()


@pytest.fixture
def interrupted(world: World, monkeypatch: pytest.MonkeyPatch) -> "psycopg.Connection[Any]":
    """A detach that waited for a reader until it gave up; the reader is still there."""
    monkeypatch.setattr(detaching, "DETACH_WAIT_S", 0.5)
    reader = world.lab.session(autocommit=False)
    between(monkeypatch, Detaching, "close", lambda: reader.execute("select count(*) from visits"))
    assert rules(world.run()) == [("archive_stopped", "public.visits")]
    return reader


def test_a_detach_that_was_interrupted_is_finalized_by_the_next_run(world: World, interrupted: "psycopg.Connection[Any]") -> None:
    assert sorted(set(OLD) - set(world.ids())) == list(range(1, 301)), "queries do not see its rows any more"
    assert {each.partition(".")[0] for each in world.place.pending()}, "they are in proven files"
    assert rules(world.run()) == [("archive_stopped", "public.visits")], "the reader is there yet"
    interrupted.rollback()
    assert world.run().status is Status.OK
    assert (world.archived(), world.ids(), partitions(world.lab)) == (OLD, [602], ["visits_now"])


def test_no_rows_are_brought_back_while_some_are_on_their_way(
    world: World, tmp_path: Path, interrupted: "psycopg.Connection[Any]"
) -> None:
    with pytest.raises(Exception, match="not settled"):
        restored(world, tmp_path)
    interrupted.rollback()


def test_a_legal_hold_that_came_meanwhile_gives_the_partition_back(
    world: World, tmp_path: Path, interrupted: "psycopg.Connection[Any]"
) -> None:
    interrupted.rollback()
    held = World(world.lab, tmp_path / "store").plan(legal_hold="case 7")
    held.run()
    assert (held.ids(), held.archived(), closed(world.lab)) == ([*OLD, 602], [], 0)
    assert not held.place.pending()
    assert world.run().status is Status.OK
    assert world.archived() == OLD


def test_a_file_that_was_lost_meanwhile_gives_the_partition_back(world: World, interrupted: "psycopg.Connection[Any]") -> None:
    interrupted.rollback()
    for path in (Path(world.place.store.root) / "pending").glob("*.parquet"):
        path.unlink()
    assert world.run().status is Status.OK
    assert (world.archived(), world.ids()) == (OLD, [602])


def test_another_place_gives_the_partition_back(world: World, tmp_path: Path, interrupted: "psycopg.Connection[Any]") -> None:
    interrupted.rollback()
    moved = World(world.lab, tmp_path / "other").plan()
    assert moved.run().status is Status.OK
    assert (moved.archived(), moved.ids()) == (OLD, [602])


def test_a_server_that_was_set_back_is_not_guessed_about(world: World, interrupted: "psycopg.Connection[Any]") -> None:
    """The files are published, and the partition is there again."""
    interrupted.rollback()
    batch = next(iter(world.place.pending()))
    pending = Path(world.place.store.root) / "pending"
    (pending.parent / "manifests").mkdir(exist_ok=True)
    (pending / f"{batch}.json").rename(pending.parent / "manifests" / f"{batch}.json")
    assert "set back to an earlier state" in world.run().findings[0].title


def test_a_note_is_read_as_it_was_written_and_nothing_else_is_one() -> None:
    note = Note(
        target="t", table="public.v", place="file:///x", parent_schema="public", parent_name="v",
        bound="FOR VALUES FROM ('2020-01-01') TO (MAXVALUE)", batches=("a", "b"), rows=3, horizon=7, system="1", timeline=1,
    )  # fmt: skip
    assert Note.parse(note.to_json()) == note
    for text in ("", "a comment of theirs", "{}", "[]", note.to_json().replace("MAXVALUE)", "MAXVALUE); drop table x")):
        assert Note.parse(text) is None


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("FOR VALUES FROM ('2020-01-01 00:00:00+00') TO ('2021-01-01 00:00:00+00')", True),
        ("FOR VALUES FROM (1, MINVALUE) TO (-2.5e+10, 'it''s), (')", True),
        ("FOR VALUES IN ('a', NULL, true)", True),
        ("FOR VALUES WITH (modulus 4, remainder 3)", True),
        ("DEFAULT", False),
        ("", False),
        ("FOR VALUES IN ('a'); drop table x; --')", False),
        ("FOR VALUES IN ('a', f())", False),
        (r"FOR VALUES IN (E'\'')", False),
        ("FOR VALUES IN ()", False),
    ],
)
def test_a_bound_is_made_of_values_alone(text: str, right: object) -> None:
    assert is_bound(text) is right
