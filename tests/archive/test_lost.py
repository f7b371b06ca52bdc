"""What the report database knows of an archive: a file that is lost together with its manifest is found, and never forgotten."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.archive.test_faults import files, manifests, resealed
from tests.archive.world import OLD, VISITS, World
from tests.lab import Lab, rules
from upkeep.answer import Status
from upkeep.archive.manifest import Manifest
from upkeep.archive.recorded import Recorded, recorded
from upkeep.archive.records import ArchiveBatch
from upkeep.archive.verifying import damage
from upkeep.jobs.database.archive import archive
from upkeep.sources.rows import Rows
from upkeep.store.answers import Provenance, save
from upkeep.store.migrate import migrate


@pytest.fixture
def world(lab: Lab, tmp_path: Path) -> World:
    """An archive of four files that was reported."""
    lab.run(VISITS)
    made = World(lab, tmp_path / "store").plan()
    made.report(made.run())
    assert len(made.reported) == 4
    return made


def pair_lost(world: World) -> None:
    files(world)[1].unlink()
    manifests(world)[1].unlink()


def newest_pair_lost(world: World) -> None:
    files(world)[-1].unlink()
    manifests(world)[-1].unlink()


def all_lost(world: World) -> None:
    for path in [*files(world), *manifests(world)]:
        path.unlink()


def pair_rewritten(world: World) -> None:
    """A consistent pair that says that there were fewer rows: only the report knows better."""
    import duckdb

    path = files(world)[1]
    new = world.folder / "new.parquet"
    duckdb.connect().execute(f"copy (select * from '{path}' offset 1) to '{new}' (format parquet)")
    new.replace(path)
    resealed(world, path)
    at = next(m for m in manifests(world) if m.stem == path.stem)
    whole = Manifest.parse(at.read_bytes(), at.name)
    at.write_bytes(replace(whole, rows=whole.rows - 1).to_json())


LOST: dict[str, Callable[[World], None]] = {
    "a pair": pair_lost, "the newest pair": newest_pair_lost, "all": all_lost, "a pair written anew": pair_rewritten,
}  # fmt: skip


@pytest.mark.baseline
def test_a_whole_archive_is_as_it_was_reported(world: World, tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    assert damage(world.place, tmp_path / "v", recorded=world.reported) == []
    assert world.run().status is Status.OK


@pytest.mark.fault
@pytest.mark.parametrize("fault", LOST)
def test_what_was_reported_and_is_not_there_is_found(world: World, tmp_path: Path, fault: str) -> None:
    LOST[fault](world)
    (tmp_path / "v").mkdir()
    assert damage(world.place, tmp_path / "v", recorded=world.reported)
    answer = world.run()
    assert rules(answer) == [("archive_damaged", "public.visits")]
    text = answer.findings[0].title
    assert ("gone with its manifest" in text) is ("lost" in LOST[fault].__name__)
    assert f"{datetime.now(UTC):%Y-%m-%d}" in text


@pytest.mark.fault
def test_asked_again_for_its_own_window_the_loss_is_not_forgotten(world: World) -> None:
    pair_lost(world)
    for _ in range(3):
        answer = world.run()
        assert rules(answer) == [("archive_damaged", "public.visits")]
        world.report(answer)
        assert len(world.reported) == 4


@pytest.mark.near_miss
def test_nothing_more_leaves_the_table_until_it_is_back(world: World) -> None:
    kept = files(world)[1].read_bytes(), manifests(world)[1].read_bytes()
    paths = files(world)[1], manifests(world)[1]
    pair_lost(world)
    world.lab.run("insert into visits values (9001, 'late', '2024-02-01 12:00+00')")
    world.run()
    assert 9001 in world.ids()
    for path, data in zip(paths, kept, strict=True):
        path.write_bytes(data)
    assert world.run().status is Status.OK
    assert len(world.archived()) == OLD + 1


@pytest.mark.near_miss
def test_what_lies_at_another_place_is_that_place_s(world: World, tmp_path: Path) -> None:
    world.plans.clear()
    world.plan(to=(tmp_path / "new").as_uri())
    world.lab.run("insert into visits values (9001, 'late', '2024-02-01 12:00+00')")
    answer = world.run()
    assert (answer.status, world.archived()) == (Status.OK, [9001])
    world.report(answer)
    assert len(world.reported) == 5, "rows of the window at both places are kept"


@pytest.mark.near_miss
def test_a_batch_that_is_published_and_was_not_reported_yet_is_no_damage(world: World) -> None:
    world.reported = world.reported[:2]
    answer = world.run()
    assert answer.status is Status.OK
    assert len([record for record in answer.records if isinstance(record, ArchiveBatch)]) == 4


def test_the_report_database_gives_back_what_was_stored(world: World) -> None:
    answer = world.run()
    migrate(world.lab.endpoint)
    window, by = world.registry.window, Provenance("monthly", "r", "t", 0, 1, datetime.now(UTC), 0)
    with world.lab.endpoint.connect("store") as connection:
        connection.execute("set time zone 'UTC'")
        save(connection, archive, world.target, window, answer, by)
        found = recorded(Rows(connection), world.target, "public.visits")
        assert recorded(Rows(connection), world.target, "public.other") == []
    assert len(found) == 4
    assert all(isinstance(each, Recorded) for each in found)
    assert {each.record for each in found} == {record for record in answer.records if isinstance(record, ArchiveBatch)}
