"""Batch after batch: none is skipped and none comes twice, and only what was copied is deleted."""

import threading
import time
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from psycopg.sql import SQL, Identifier

from tests.archive.world import OLD, VISITS, World
from tests.jobs.database.test_archive import meanwhile
from tests.lab import Lab
from upkeep.answer import Status
from upkeep.archive import copying, deletion, run
from upkeep.archive.batch import one_ahead
from upkeep.archive.deletion import MOST_AT_ONCE, ROWS_AT_ONCE, Deletion, next_size
from upkeep.archive.pace import Pace
from upkeep.archive.session import session
from upkeep.archive.versions import Versions
from upkeep.duty import Deadline
from upkeep.errors import CannotAskError


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of 70 rows."""
    monkeypatch.setattr(copying, "MOST_ROWS", 70)
    monkeypatch.setattr(copying, "FEWEST_ROWS", 70)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", ["date", "timestamp", "timestamptz"])
@pytest.mark.parametrize("as_text", [(), ("seen_at",)])
def test_more_rows_of_one_date_than_a_batch_has_are_each_archived_once(
    lab: Lab, tmp_path: Path, kind: str, as_text: tuple[str, ...]
) -> None:
    lab.run(f"create table visits (id int, seen_at {kind})")
    lab.run("insert into visits select i, '2024-05-05'::date + i / 300 from generate_series(1, 1000) as i")
    lab.run("insert into visits select i, '2024-05-05 12:00:00.000001' from generate_series(1001, 1100) as i")
    world = World(lab, tmp_path / "store").plan(as_text=as_text, time_zone="America/New_York")
    assert world.run().status is Status.OK
    assert (world.archived(), world.ids()) == (list(range(1, 1101)), [])
    assert all(manifest.rows <= 70 for manifest in world.place.manifests())


@pytest.mark.usefixtures("small")
def test_rows_that_change_between_two_batches_are_archived_once_or_stay(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.run(VISITS)
    world = World(lab, tmp_path / "store").plan()
    meanwhile(monkeypatch, lambda: lab.run("update visits set path = 'changed' where id % 5 = 0 and id <= 2000"))
    world.run()
    assert sorted([*world.archived(), *(number for number in world.ids() if number <= OLD)]) == list(range(1, OLD + 1))
    world.run()
    assert world.archived() == list(range(1, OLD + 1))


def test_a_row_that_took_the_place_of_a_copied_one_stays(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.run(VISITS)
    lab.run("update visits set path = path where id <= 10")
    world = World(lab, tmp_path / "store").plan()
    place = lab.value("select ctid from visits where id = 20")

    def take_the_place() -> None:
        lab.run("delete from visits where id = 20")
        lab.run("vacuum (index_cleanup on) visits")
        for number in range(7000, 7400):
            lab.run(f"insert into visits values ({number}, 'x', '2024-01-20')")
            if lab.value(f"select ctid from visits where id = {number}") == place:
                return
        raise AssertionError(place)

    meanwhile(monkeypatch, take_the_place)
    answer = world.run()
    assert "1 row changed or locked meanwhile stayed" in answer.summary
    assert 20 not in world.archived()
    assert all(number in world.ids() for number in range(7000, lab.value("select max(id) from visits") + 1))


def test_rows_that_were_each_written_by_their_own_transaction_go_at_once(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.run("create table visits (id int, seen_at timestamptz)")
    for number in range(50):
        lab.run(f"insert into visits values ({number}, '2024-05-05'::date + {number * 7 % 50})")
    quick: list[bool] = []
    all_at_once = Deletion._all_at_once  # noqa: SLF001 - how it was deleted is seen nowhere else

    def watched(self: Deletion, versions: object) -> bool:
        quick.append(all_at_once(self, versions))  # type: ignore[arg-type]
        return quick[-1]

    monkeypatch.setattr(Deletion, "_all_at_once", watched)
    world = World(lab, tmp_path / "store").plan(by="year")
    assert world.run().status is Status.OK
    assert (world.archived(), quick) == (list(range(50)), [True])


def versions(places: list[tuple[int, int]], writers: list[int], horizon: int = 100) -> Versions:
    """Of these, in two pieces."""
    made, half = Versions(horizon), len(places) // 2
    for some, by in ((places[:half], writers[:half]), (places[half:], writers[half:])):
        pages, lines = np.array([page for page, _ in some], "=u4"), np.array([line for _, line in some], "=u2")
        made.add(pages, lines, np.array(by, "=u4"), pa.array([f"d{page}" for page, _ in some], pa.string()))
    return made


def test_places_and_writers_are_said_as_postgresql_writes_them() -> None:
    made = versions([(10, 2), (9, 11), (9, 2), (4294967294, 1)], [5, 6, 7, 8])
    part = made.part(0, 10)
    assert (len(part), part.place_list) == (4, '{"(10,2)","(9,11)","(9,2)","(4294967294,1)"}')
    assert (part.writer_list, part.ends, part.dates) == ("{5,6,7,8}", ("(10,2)", "(4294967294,1)"), ("d10", "d4294967294"))
    assert part.span == ("(9,0)", "(4294967294,65535)")
    assert (made.part(1, 2).writer_list, made.part(1, 2).dates) == ("{6,7}", ("d9", "d9"))
    assert (len(made), made.last_place) == (4, "(4294967294,1)")


@pytest.mark.parametrize(
    ("writers", "horizon", "settled"),
    [
        ([5, 99], 100, True),
        ([5, 100], 100, False),
        ([5, 101], 100, False),
        ([2, 1], 100, True),  # PostgreSQL's own, from before any other
        ([4294967290, 3], 10, True),  # the numbers begin again
        ([4294967290, 11], 10, False),
        ([2**31 + 50], 100, False),  # so far away is the future
        ([2**31 + 150], 100, True),
    ],
)
def test_who_wrote_before_the_copy_is_told_from_who_came_later(writers: list[int], horizon: int, settled: object) -> None:
    assert versions([(1, n) for n in range(len(writers))], writers, horizon).part(0, 10).is_settled is settled


@pytest.mark.parametrize(
    ("pages", "dense"), [(range(1000), True), (range(0, 1000, 2), True), (range(0, 1000, 3), False), ([7], True)]
)
def test_rows_that_lie_together_are_told_from_scattered_ones(pages: Iterable[int], dense: object) -> None:
    places = [(page, 1) for page in pages]
    assert versions(places, [5] * len(places)).part(0, 2000).is_dense is dense


SCATTERED = """
    create table visits (id int primary key, pad text, seen_at timestamptz);
    insert into visits select i, repeat('x', 500), {date} from generate_series(1, 3000) as i;
    create index on visits (seen_at);
    analyze visits
"""
DATES = {
    "in the order of their dates": "'2024-01-01'::timestamptz + i * interval '1 second'",
    "somewhat mixed": "'2024-01-01'::timestamptz + (i + (i * 7) % 20) * interval '1 second'",
    "scattered": "'2024-01-01'::timestamptz + (i * 7919) % 3000 * interval '1 second'",
    "all of one moment": "'2024-01-01'::timestamptz",
}


@pytest.mark.parametrize("dates", DATES)
def test_however_rows_lie_exactly_the_copied_ones_go(
    every_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dates: str
) -> None:
    for statement in SCATTERED.format(date=DATES[dates]).split(";"):
        every_lab.run(statement)
    monkeypatch.setattr(run, "ROWS_AT_ONCE", 40)
    monkeypatch.setattr(deletion, "MOST_AT_ONCE", 40)
    monkeypatch.setattr(copying, "MOST_ROWS", 1000)
    world = World(every_lab, tmp_path / "store").plan()
    ways = deleted_by(monkeypatch)
    late = "insert into visits select i, 'late', '2024-01-01 00:00:00' from generate_series(3001, 3040) as i"
    meanwhile(monkeypatch, lambda: every_lab.run(f"update visits set pad = 'changed' where id % 500 = 0; {late}"))
    answer, ranged = world.run(), "deletion_range" in ways
    assert answer.status is Status.OK
    assert sorted([*world.archived(), *world.ids()]) == list(range(1, 3041))
    # Of one moment with all others, they come after them and go with a later batch.
    assert set(range(3001, 3041)) <= set(world.ids() if dates != "all of one moment" else world.archived())
    world.run()
    assert (world.archived(), world.ids()) == (list(range(1, 3041)), [])
    assert ranged is (dates != "scattered" and every_lab.value("show server_version_num") >= "140000")


def deleted_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements by which it deletes."""
    used: list[str] = []
    statement = Deletion._statement  # noqa: SLF001 - how it was deleted is seen nowhere else

    def watched(self: Deletion, name: str, **parts: Any) -> Any:
        used.append(name)
        return statement(self, name, **parts)

    monkeypatch.setattr(Deletion, "_statement", watched)
    return used


def test_rows_that_are_looked_at_together_are_read_by_their_pages_alone(lab: Lab) -> None:
    """Not all of the table, nor by an index: what a delete costs does not grow with the table."""
    for statement in SCATTERED.format(date=DATES["in the order of their dates"]).split(";"):
        lab.run(statement)
    text = (Path(deletion.__file__).parent / "deletion_range.sql").read_text()
    params = {"lowest": "(3,0)", "highest": "(9,65535)", "first_place": "(3,1)", "last_place": "(9,14)", "horizon": "100000"}
    with lab.endpoint.connect("plan") as connection:
        connection.execute(deletion._SETTINGS.replace("set local", "set"))  # noqa: SLF001 - what the plan depends on
        asked = SQL("explain " + text[text.index("delete") :]).format(
            table=Identifier("visits"), column=Identifier("seen_at"), first=SQL("'2024-01-01'"), last=SQL("'2024-02-01'")
        )
        plan = " ".join(line for (line,) in connection.execute(asked, params))
    assert "Tid Range Scan" in plan
    assert "Seq Scan" not in plan


def test_what_was_made_before_an_error_is_finished_first() -> None:
    def made() -> Iterator[int]:
        yield from (1, 2)
        raise CannotAskError("no third", "none")

    got: list[int] = []
    made_ahead = one_ahead(made())
    got += [next(made_ahead), next(made_ahead)]
    with pytest.raises(CannotAskError, match="no third"):
        next(made_ahead)
    assert got == [1, 2]
    assert list(one_ahead(iter([1]))) == [1]


def test_the_next_is_made_while_one_is_worked_on() -> None:
    second = threading.Event()

    def made() -> Iterator[int]:
        yield 1
        second.set()
        yield 2

    assert [(each, second.wait(60)) for each in one_ahead(made())] == [(1, True), (2, True)]


def test_who_leaves_early_leaves_nobody_at_work() -> None:
    ended: list[bool] = []

    def made() -> Generator[int, None, None]:
        try:
            yield from range(100)
        finally:
            ended.append(True)

    some = made()
    for each in one_ahead(some):
        if each == 2:
            break
    some.close()
    assert ended == [True]


def test_a_second_session_does_not_count_as_other_work_and_ends_with_the_next_run(lab: Lab) -> None:
    asked: list[str] = []
    with session(lab.endpoint, "upkeep archive of a shop", 2) as first, first.another() as second:
        second.connection.pgconn.send_query(b"select pg_sleep(600)")
        pace = Pace(0, 0, Deadline(time.monotonic() + 60, 60), asked.append, lambda _: pytest.fail("it waited"))
        assert pace.give_way(first) is None
        with session(lab.endpoint, "upkeep archive of a shop", 2):
            left = "select count(*) from pg_stat_activity where application_name = 'upkeep archive of a shop'"
            assert lab.value(left) == 1, "both sessions of a run that was killed are ended"
        second.connection.close()
    assert not asked


def test_how_many_are_deleted_follows_from_how_long_it_took() -> None:
    assert next_size(ROWS_AT_ONCE, 0.01) == 2 * ROWS_AT_ONCE
    assert next_size(MOST_AT_ONCE, 0.01) == MOST_AT_ONCE
    assert next_size(2 * ROWS_AT_ONCE, 0.3) == 2 * ROWS_AT_ONCE
    assert next_size(2 * ROWS_AT_ONCE, 2) == ROWS_AT_ONCE
    assert next_size(ROWS_AT_ONCE, 60) == ROWS_AT_ONCE
