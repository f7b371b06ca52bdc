"""A disk that fills up, here or under the store: it is said, no row is lost, and the next run heals."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.archive.world import World
from tests.kill.archive import proven
from tests.kill.world import FILLER, fill
from tests.kill.world import small as made_small
from tests.lab import Lab
from upkeep.answer import Status
from upkeep.errors import BrokenError

ROWS = 4000


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of some megabytes."""
    with ExitStack() as stack:
        if not made_small(tmp_path / "small", stack):
            pytest.skip("no rights to mount a small file system")
        yield tmp_path / "small"


def planted(lab: Lab, store: Path) -> World:
    """Rows that do not compress."""
    lab.run("create table visits (id int, noise text, seen_at date)")
    lab.run(f"""insert into visits
        select i, (select string_agg(md5(i::text || j), '') from generate_series(1, 8) as j), '2024-05-05'
        from generate_series(1, {ROWS}) as i""")
    return World(lab, store).plan()


def filled(folder: Path, room: int) -> None:
    """Full but for so many bytes."""
    fill(folder)
    with (folder / FILLER).open("r+b") as file:
        file.truncate((folder / FILLER).stat().st_size - room)


def none_is_lost_and_it_heals(world: World, folder: Path) -> None:
    assert sorted({*world.archived(), *world.ids(), *proven(world)}) == list(range(1, ROWS + 1))
    assert not set(world.archived()) & set(world.ids())
    (folder / FILLER).unlink()
    assert world.run().status is Status.OK
    assert (world.archived(), world.ids()) == (list(range(1, ROWS + 1)), [])
    assert not world.place.pending()


@pytest.mark.parametrize("room", [0, 50_000, 800_000])
def test_no_room_here(lab: Lab, tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    world = planted(lab, tmp_path / "store")
    monkeypatch.setattr(tempfile, "tempdir", str(small))
    filled(small, room)
    with pytest.raises(BrokenError, match="no room for a batch") as raised:
        world.run()
    assert (raised.value.retry, bool(raised.value.remedy)) == (True, True)
    none_is_lost_and_it_heals(world, small)


@pytest.mark.parametrize("room", [0, 50_000, 800_000])
def test_no_room_in_the_store(lab: Lab, small: Path, room: int) -> None:
    world = planted(lab, small / "store")
    filled(small, room)
    with pytest.raises(BrokenError, match="no space is left") as raised:
        world.run()
    assert raised.value.retry
    none_is_lost_and_it_heals(world, small)
