"""Batch after batch: none is skipped and none comes twice, and only what was copied is deleted."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from tests.archive.world import OLD, VISITS, World
from tests.jobs.database.test_archive import meanwhile
from tests.lab import Lab
from upkeep.answer import Status
from upkeep.archive import copying
from upkeep.archive.batch import one_ahead
from upkeep.archive.deletion import MOST_AT_ONCE, ROWS_AT_ONCE, Deletion, next_size
from upkeep.archive.versions import Versions
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


def test_who_wrote_each_is_said_in_the_order_of_places() -> None:
    versions = Versions()
    versions.add(pa.chunked_array([["(10,2)", "(9,11)"]]), pa.chunked_array([["5", "6"]]))
    versions.add(pa.chunked_array([["(9,2)", "(4294967294,1)"]]), pa.chunked_array([["7", "8"]]))
    part = versions.part(0, 10)
    assert (len(part), part.place_list) == (4, '{"(10,2)","(9,11)","(9,2)","(4294967294,1)"}')
    assert (part.writer_list, part.writers_by_place) == ("{5,6,7,8}", "{7,6,5,8}")
    assert versions.part(1, 2).writer_list == "{6,7}"
    assert (len(versions), versions.last_place) == (4, "(4294967294,1)")


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


def test_how_many_are_deleted_follows_from_how_long_it_took() -> None:
    assert next_size(ROWS_AT_ONCE, 0.01) == 2 * ROWS_AT_ONCE
    assert next_size(MOST_AT_ONCE, 0.01) == MOST_AT_ONCE
    assert next_size(2 * ROWS_AT_ONCE, 0.3) == 2 * ROWS_AT_ONCE
    assert next_size(2 * ROWS_AT_ONCE, 2) == ROWS_AT_ONCE
    assert next_size(ROWS_AT_ONCE, 60) == ROWS_AT_ONCE
