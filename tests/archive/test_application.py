"""An application that reads and writes all the time notices nothing of the archive, whatever else goes on; and no row is lost."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.archive.world import World
from tests.lab import Lab, rules
from tests.maintenance.test_application import LONGEST_S, using
from upkeep.archive import deletion, run

OLD, NEW = 20_000, 500
SCHEMA = f"""
    create table visits (id bigint primary key, path text, seen_at timestamptz);
    insert into visits
    select i, '/product/' || i, '2024-01-01 00:00+00'::timestamptz + i * interval '1 minute' from generate_series(1, {OLD}) as i;
    insert into visits select i, 'new', now() from generate_series(100001, {100000 + NEW}) as i;
    create index on visits (seen_at);
    create table orders (id bigint primary key, text text);
    insert into orders select i, 'x' from generate_series(1, 1000) as i;
    create sequence ids start 200001;
    vacuum analyze
"""
CHANGES = (
    "insert into visits values (nextval('ids'), 'later', now())",
    "insert into visits values (nextval('ids'), 'late', '2024-01-02 00:00+00')",
    "update visits set path = path || '!' where id = 1 + (random() * 19999)::int",
    "select count(*) from visits where seen_at >= '2024-01-05 00:00+00' and seen_at < '2024-01-06 00:00+00'",
    "update orders set text = 'y' where id = 1 + (random() * 999)::int",
    "begin; lock table visits in share row exclusive mode; commit",
    "alter table visits alter path set statistics 100",
)
"""What an application does to a table that is being archived: new rows, late ones, changes of old ones and of its form."""


@pytest.fixture
def world(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Many small transactions, so that there is much to be in the way of."""
    for statement in SCHEMA.split(";"):
        lab.run(statement)
    monkeypatch.setattr(run, "ROWS_AT_ONCE", 500)
    monkeypatch.setattr(deletion, "ROWS_AT_ONCE", 500)
    monkeypatch.setattr(deletion, "MOST_AT_ONCE", 1000)
    return World(lab, tmp_path / "store").plan()


@contextmanager
def held(lab: Lab, seconds: float) -> Iterator[None]:
    """Somebody's rows are locked for a while, again and again, as by a slow transaction of the application."""
    ends = threading.Event()

    def hold() -> None:
        with lab.endpoint.connect("holder", autocommit=False) as session:
            number = 0
            while not ends.is_set():
                number = number % OLD + 2500
                session.execute("select from visits where id = %s for update", [number])
                ends.wait(seconds)
                session.rollback()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def everything(world: World) -> Counter[int]:
    """Where each row is now."""
    return Counter(world.archived()) + Counter(world.ids())


@pytest.mark.slow
def test_nobody_waits_nothing_fails_and_no_row_is_lost_or_there_twice(world: World) -> None:
    lab = world.lab
    report = lab.session(application="report", autocommit=False)
    report.execute("set transaction isolation level repeatable read")
    (before,) = report.execute("select count(*) from visits").fetchone() or (0,)
    with using(lab, CHANGES) as application, held(lab, 0.1):
        answers = [world.run() for _ in range(2)]
    assert application.errors == []
    assert len(application.took) > 100
    assert max(application.took) < LONGEST_S
    assert {rule for answer in answers for rule, _ in rules(answer)} <= {"archive_stopped"}
    (after,) = report.execute("select count(*) from visits").fetchone() or (0,)
    assert after == before, "a report that began before still sees every row"
    report.rollback()
    world.run()
    found = everything(world)
    assert not [number for number, times in found.items() if times > 1]
    assert set(range(1, OLD + 1)) <= set(found), "each old row is in the table or in a file"
    written = int(lab.value("select last_value from ids"))
    assert set(range(200_001, written)) <= set(found), "and each that came meanwhile"
    assert not world.place.pending()


@pytest.mark.slow
def test_a_table_that_is_locked_for_long_is_left_alone_in_time(world: World) -> None:
    holder = world.lab.session(autocommit=False)
    holder.execute("lock table visits in share mode")
    reads = ("select count(*) from visits where id < 100", "select max(seen_at) from visits")
    begun = time.monotonic()
    with using(world.lab, reads) as application:
        answer = world.run()
    assert rules(answer) == [("archive_stopped", "public.visits")]
    assert application.errors == []
    assert max(application.took) < LONGEST_S, "nobody queues behind what waits for the lock"
    assert time.monotonic() - begun < 60
    holder.rollback()
    assert not world.run().findings
    assert world.archived() == list(range(1, OLD + 1))
