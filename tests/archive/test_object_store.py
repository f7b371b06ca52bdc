"""The archive in a real object store: there and back, objects that vanish, and a network that is cut in the middle."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.archive.restored import restored
from tests.archive.world import NEW, OLD, VISITS, World
from tests.jobs.database.test_archive import meanwhile
from tests.kill.proxy import Proxy
from tests.lab import Lab, rules
from tests.object_store import KEY, SECRET, S3Server, s3_server
from upkeep.answer import Status
from upkeep.archive.deletion import Deletion
from upkeep.archive.verifying import damage
from upkeep.archive.versions import Part
from upkeep.errors import BrokenError
from upkeep.sources.objects import ObjectStore, open_store

ALL_OLD = list(range(1, OLD + 1))


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One for all."""
    with s3_server(tmp_path_factory.mktemp("s3")) as one:
        yield one


def opened(port: int, url: str) -> ObjectStore:
    """As a connection would open it, but quick to give up."""
    client = {"config_kwargs": {"retries": {"max_attempts": 1}, "connect_timeout": 2, "read_timeout": 5}}
    return open_store(
        url, key=KEY, secret=SECRET, endpoint_url=f"http://127.0.0.1:{port}", use_listings_cache=False,
        skip_instance_cache=True, **client,
    )  # fmt: skip


@pytest.fixture
def world(s3: S3Server, lab: Lab, tmp_path: Path, request: pytest.FixtureRequest) -> World:
    """Visits, and a bucket of this test's own."""
    lab.run(VISITS)
    bucket = f"archive{abs(hash(request.node.name)) % 10**9}"
    s3.store(bucket).filesystem.mkdir(bucket)
    return World(lab, tmp_path, opened=partial(opened, s3.port)).plan(to=f"s3://{bucket}/old-rows")


def archived(world: World, folder: Path) -> list[int]:
    """Ids in published files, as DuckDB reads them."""
    import duckdb

    found: list[int] = []
    for manifest in world.place.manifests():
        (folder / "read.parquet").write_bytes(world.place.store.get(manifest.file))
        found += [
            i for (i,) in duckdb.connect().execute("select id from read_parquet(?)", [str(folder / "read.parquet")]).fetchall()
        ]
    return sorted(found)


def test_there_and_back(world: World, tmp_path: Path) -> None:
    before = world.lab.value("select string_agg(v::text, chr(10) order by id) from visits as v where id <= 2000")
    assert world.run().status is Status.OK
    assert (archived(world, tmp_path), len(world.ids())) == (ALL_OLD, NEW)
    assert not world.place.pending()
    (tmp_path / "v").mkdir()
    assert damage(world.place, tmp_path / "v") == []
    assert restored(world, tmp_path / "r").rows == OLD
    assert world.lab.value("select string_agg(v::text, chr(10) order by id) from back as v") == before


def test_an_object_that_the_bucket_loses_before_the_delete_costs_no_row(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose() -> None:
        place = world.place
        for names in place.pending().values():
            for name in names:
                place.store.delete(f"pending/{name}")

    meanwhile(monkeypatch, lose)
    assert rules(world.run()) == [("archive_damaged", "public.visits")]
    assert len(world.ids()) == OLD + NEW
    assert world.run().status is Status.OK
    assert archived(world, tmp_path) == ALL_OLD


def test_an_object_that_the_bucket_loses_after_the_delete_is_stored_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = Deletion.chunk

    def lose(self: Deletion, versions: Part, first: int) -> Any:
        record = chunk(self, versions, first)
        world.place.store.delete(f"pending/{self.manifest.id}.parquet")
        return record

    monkeypatch.setattr(Deletion, "chunk", lose)
    assert world.run().status is Status.OK
    assert archived(world, tmp_path) == ALL_OLD


def test_a_published_object_that_the_bucket_loses_is_told_and_nothing_is_added(world: World, tmp_path: Path) -> None:
    world.run()
    world.place.store.delete(world.place.manifests()[0].file)
    world.lab.run("insert into visits values (9001, 'late', '2024-01-16 00:00+00')")
    assert rules(world.run()) == [("archive_damaged", "public.visits")]
    assert 9001 in world.ids()
    (tmp_path / "v").mkdir()
    assert damage(world.place, tmp_path / "v")


class Counting:
    """fsspec's filesystem, whose calls are counted; at one of them the network is cut."""

    calls = 0

    def __init__(self, inner: Any, proxy: Proxy, at: int) -> None:
        self._inner, self._proxy, self._at = inner, proxy, at

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in {"open", "cat_file", "find", "exists", "rm_file"}:
            return found

        def counted(*args: Any, **more: Any) -> Any:
            Counting.calls += 1
            if Counting.calls == self._at:
                self._proxy.stop()
            return found(*args, **more)

        return counted


@pytest.mark.slow
@pytest.mark.parametrize("at", [4, 9, 17])
def test_a_network_that_is_cut_in_the_middle_loses_no_row_and_heals(s3: S3Server, world: World, tmp_path: Path, at: int) -> None:
    proxy = Proxy(s3.port)
    world.opened, world.files = partial(opened, proxy.port), partial(Counting, proxy=proxy, at=at)
    Counting.calls = 0
    proxy.start()
    try:
        with pytest.raises(BrokenError) as broken:
            world.run()
        assert broken.value.retry
    finally:
        proxy.stop()
    world.opened, world.files = partial(opened, s3.port), None
    there = [*archived(world, tmp_path), *(number for number in world.ids() if number <= OLD)]
    assert len(there) == len(set(there))
    assert world.run().status is Status.OK
    assert (archived(world, tmp_path), len(world.ids())) == (ALL_OLD, NEW)
    assert not world.place.pending()
