"""How rows are divided into objects, and that the parts of a table are the table."""

from pathlib import Path

import pytest

from tests.backups.test_take import manifest_of
from tests.backups.world import Shelf, in_folder, quiet
from tests.lab import Lab
from upkeep.backups.rows_out import LEAST_PART_BYTES, PART_BYTES, batches, parts
from upkeep.backups.scratch_restore import restore_to_scratch
from upkeep.backups.tables import Table
from upkeep.errors import BrokenError

MIB = 1 << 20


def table(size: int, *, pages: int | None = None, oid: int = 1, condition: str = "", is_heap: bool = True) -> Table:
    pages = size // 8192 if pages is None else pages
    return Table(oid, "s", f"t{oid}", "r", "p", condition, bool(condition), is_heap, ("a",), pages=pages, bytes=size)


@pytest.mark.parametrize("size", [0, MIB, 31 * MIB, 33 * MIB, 400 * MIB, 3000 * MIB, 100_000 * MIB])
@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_parts_cover_every_page_once(size: int, jobs: int) -> None:
    made = parts(table(size), 18, jobs)
    assert made[0].first == 0
    assert [part.end for part in made][:-1] == [part.first for part in made][1:]
    assert made[-1].end is None, "the last one is open: pages may have come since they were counted"
    assert len({part.name for part in made}) == len(made)
    each = size / len(made)
    assert len(made) == 1 or LEAST_PART_BYTES * 0.9 <= each <= PART_BYTES * 1.6


def test_what_is_stored_out_of_line_counts() -> None:
    assert len(parts(table(600 * MIB, pages=400), 18, 2)) > 3
    assert len(parts(table(600 * MIB, pages=1), 18, 2)) == 1


@pytest.mark.parametrize(
    ("one", "version"),
    [(table(900 * MIB), 13), (table(900 * MIB, is_heap=False), 18), (table(900 * MIB, condition="where a > 1"), 18)],
)
def test_what_has_no_ranges_is_one_part(one: Table, version: int) -> None:
    (part,) = parts(one, version, 4)
    assert (part.ranged, part.end) == (False, None)


def test_small_ones_go_together_as_far_as_they_are_small_together() -> None:
    made = batches(table(MIB // 2, oid=number) for number in range(100))
    assert sum(len(batch.tables) for batch in made) == 100
    assert 2 < len(made) < 10
    assert [len(batch.tables) for batch in batches(table(0, oid=number) for number in range(2500))] == [1000, 1000, 500]
    assert batches([]) == []


def test_a_large_table_in_parts_comes_back(lab: Lab, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upkeep.backups.rows_out.LEAST_PART_BYTES", 1 << 18)
    lab.run(
        "create table large as select i, md5(i::text) as x from generate_series(1, 60000) as i; delete from large where i % 3 = 0"
    )
    record = shelf.take(lab.endpoint, jobs=3)
    (content,) = (content for content in manifest_of(shelf, record.id).contents if content.key == "public.large")
    assert len(content.objects) > 3
    assert content.rows == 40000
    done, _ = restore_to_scratch(shelf.place.at(record.id), quiet, jobs=3)
    assert done.differences == ()


def test_an_error_in_one_session_ends_all(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = in_folder(tmp_path)
    lab.run("create table one as select i, md5(i::text) as x from generate_series(1, 60000) as i; create table two as table one")

    def broken(*_: object) -> None:
        raise BrokenError("the store is full", retry=True)

    monkeypatch.setattr("upkeep.backups.packing.store", broken)
    with pytest.raises(BrokenError, match="the store is full"):
        shelf.take(lab.endpoint, jobs=3)
    assert lab.value("select count(*) from pg_stat_activity where application_name like 'upkeep backup%'") == 0
