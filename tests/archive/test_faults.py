"""Twenty faults planted in a stored archive: each is found, by name, and an archive without one is found whole."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.archive.restored import restored
from tests.archive.world import VISITS, World
from tests.lab import Lab, rules
from upkeep.archive.columns import Column
from upkeep.archive.manifest import DamagedError, Manifest
from upkeep.archive.restoring import united
from upkeep.archive.rows_file import RowsFile
from upkeep.archive.verifying import damage


@pytest.fixture
def world(lab: Lab, tmp_path: Path) -> World:
    """An archive of four files."""
    lab.run(VISITS)
    made = World(lab, tmp_path / "store").plan()
    assert not made.run().findings
    return made


def files(world: World) -> list[Path]:
    return sorted(world.files_there(), key=lambda path: path.name)


def manifests(world: World) -> list[Path]:
    return sorted((Path(world.place.store.root) / "manifests").iterdir())


def columns(world: World) -> tuple[Column, ...]:
    return united(world.place.manifests())


def flipped(at: float) -> Callable[[World], None]:
    """One bit, at a share of the file."""

    def flip(world: World) -> None:
        data = bytearray(files(world)[1].read_bytes())
        data[min(len(data) - 1, int(len(data) * at))] ^= 1
        files(world)[1].write_bytes(data)

    return flip


def rewritten(change: str) -> Callable[[World], None]:
    """The file made anew by another program, with other rows, and a manifest that says its new size and sum."""

    def rewrite(world: World) -> None:
        import duckdb

        path, new = files(world)[1], world.folder / "new.parquet"
        source = f"read_parquet('{path}', hive_partitioning = false)"
        duckdb.connect().execute(f"copy ({change.format(source=source)}) to '{new}' (format parquet)")
        shutil.move(new, path)
        resealed(world, path)

    return rewrite


def resealed(world: World, path: Path) -> None:
    """A manifest that fits the file's bytes, but not its rows."""
    at = next(m for m in manifests(world) if m.stem == path.stem)
    whole = Manifest.parse(at.read_bytes(), at.name)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    at.write_bytes(replace(whole, bytes=path.stat().st_size, sha256=sha256).to_json())


def written_over(world: World) -> None:
    shutil.copy(files(world)[0], files(world)[1])


def exchanged(world: World) -> None:
    one, other = files(world)[:2]
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


def empty_file(world: World) -> None:
    files(world)[1].unlink()
    with RowsFile(files(world)[0].parent / f"{manifests(world)[1].stem}.parquet", columns(world)):
        pass


def renamed(world: World) -> None:
    files(world)[1].rename(files(world)[1].with_name("other.parquet"))


def edited(word: str, to: str) -> Callable[[World], None]:
    def edit(world: World) -> None:
        text = manifests(world)[1].read_text()
        assert word in text
        manifests(world)[1].write_text(text.replace(word, to, 1))

    return edit


FAULTS: dict[str, Callable[[World], object]] = {
    "a bit of the head": flipped(0),
    "a bit of the rows": flipped(0.3),
    "a bit in the middle": flipped(0.5),
    "a bit of the statistics": flipped(0.8),
    "a bit at the end": flipped(1),
    "cut short": lambda world: files(world)[1].write_bytes(files(world)[1].read_bytes()[:-100]),
    "emptied": lambda world: files(world)[1].write_bytes(b""),
    "gone": lambda world: files(world)[1].unlink(),
    "bytes added": lambda world: files(world)[1].write_bytes(files(world)[1].read_bytes() + b"x"),
    "another file of the archive": written_over,
    "two files exchanged": exchanged,
    "renamed": renamed,
    "without rows": empty_file,
    "a file beside": lambda world: files(world)[1].with_name("beside.parquet").write_bytes(files(world)[1].read_bytes()),
    "one row less": rewritten("select * from {source} offset 1"),
    "one row twice": rewritten("(select * from {source}) union all (select * from {source} limit 1)"),
    "one value other": rewritten("select * replace (case when id = 600 then '/x' else path end as path) from {source}"),
    "an empty text for none": rewritten("select * replace (case when id = 600 then null else path end as path) from {source}"),
    "a microsecond": rewritten("select * replace (seen_at + interval 1 microsecond as seen_at) from {source}"),
    "another order": rewritten("select * from {source} order by id desc"),
    "a column less": rewritten("select id, seen_at from {source}"),
    "the manifest edited": edited('"rows": ', '"rows": 1'),
    "the manifest of another format": edited('"format": 2', '"format": 9'),
    "the manifest gone": lambda world: manifests(world)[1].unlink(),
    "the manifest cut": lambda world: manifests(world)[1].write_bytes(manifests(world)[1].read_bytes()[:50]),
}


def found(world: World, folder: Path) -> list[str]:
    folder.mkdir()
    return damage(world.place, folder)


def test_a_whole_archive_raises_no_alarm(world: World, tmp_path: Path) -> None:
    assert found(world, tmp_path / "v") == []


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_and_never_restored(world: World, tmp_path: Path, fault: str) -> None:
    FAULTS[fault](world)
    assert found(world, tmp_path / "v")
    with pytest.raises(DamagedError):
        restored(world, tmp_path / "r")
    assert world.lab.value("select to_regclass('public.back')") is None


@pytest.mark.parametrize("fault", ["gone", "cut short", "a file beside", "the manifest cut"])
def test_the_next_run_adds_nothing_to_a_damaged_archive(world: World, fault: str) -> None:
    FAULTS[fault](world)
    world.lab.run("insert into visits values (9001, 'late', '2024-02-01 12:00+00')")
    assert rules(world.run()) == [("archive_damaged", "public.visits")]
    assert 9001 in world.ids()
