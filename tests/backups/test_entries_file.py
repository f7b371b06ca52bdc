"""The catalog's entries in their object: what went in comes out, and damage is named."""

import json
import tracemalloc
from io import BytesIO
from pathlib import Path

import pytest

from tests.backups.test_take import manifest_of
from tests.backups.world import Shelf
from tests.lab import Lab
from upkeep.backups import entries_file, packing, unpacking
from upkeep.backups.manifest import DamagedError, Entry
from upkeep.backups.readback import read_whole
from upkeep.sources.objects import open_store

ENTRIES = (
    Entry("table", 's."t ""x"""', "own er", ("a=SELECT", "b=INSERT*"), "text\nof two lines", worded=True),
    Entry("view", "ünïcödé 😀", "", (), "", worded=False),
    Entry("odd", "half \udc80 of a character", "", (), "x" * 300_000),
)


def test_there_and_back(lab: Lab, shelf: Shelf, tmp_path: Path) -> None:
    from dataclasses import replace

    lab.run("create view v as select 1 as a")
    record = shelf.take(lab.endpoint)
    manifest = manifest_of(shelf, record.id)
    assert manifest.entries == ()
    assert len(read_whole(shelf.place.at(record.id), record.id).entries) == sum(manifest.kinds.values())
    place = open_store((tmp_path / "other").as_uri())
    stored = entries_file.store(place, ENTRIES * 700, ())
    assert entries_file.loaded(place, replace(manifest, objects=(stored,)), ()).entries == ENTRIES * 700


def test_a_line_is_what_json_writes(tmp_path: Path) -> None:
    place = open_store(tmp_path.as_uri())
    odd = "".join(map(chr, range(0xA0))) + '\u2028\\"\ud800/'
    entries = (*ENTRIES, Entry(odd, odd, odd, (odd, ""), odd), Entry("bare", "key"))
    for each in entries:
        stored = entries_file.store(place, [each], ())
        written = BytesIO()
        unpacking.unpack(place, stored, written.write, ())
        plain = [each.kind, each.key, each.owner, each.grants, each.definition, each.worded]
        line = json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n"
        assert written.getvalue() == line.encode("utf-8", "surrogatepass")


def test_two_hundred_thousand_are_held_in_a_hundred_megabytes(lab: Lab, shelf: Shelf, tmp_path: Path) -> None:
    from dataclasses import replace

    manifest = manifest_of(shelf, shelf.take(lab.endpoint).id)
    place = open_store((tmp_path / "other").as_uri())
    many = (
        Entry("column", f"public.orders_{i // 40}.column_{i}", "shop_owner", ("reader=SELECT", "writer=INSERT"), f"{i:0100}")
        for i in range(200_000)
    )
    stored = entries_file.store(place, many, ())
    tracemalloc.start()
    try:
        found = entries_file.loaded(place, replace(manifest, objects=(stored,)), ())
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found.entries) == 200_000
    assert held < most < 100_000_000


@pytest.mark.parametrize(
    "data", [b"[1, 2]\n", b"nonsense\n", b'[1, "k", "o", [], "d", true]\n', b'["k", "k", "o", 3, "d", true]\n']
)
def test_what_is_no_entry_is_damage(lab: Lab, shelf: Shelf, tmp_path: Path, data: bytes) -> None:
    from dataclasses import replace

    record = shelf.take(lab.endpoint)
    place = open_store((tmp_path / "other").as_uri())
    stored = packing.store(place, entries_file.OBJECT, BytesIO(data))
    manifest = manifest_of(shelf, record.id)
    with pytest.raises(DamagedError, match=r"is no entry|cannot be unpacked"):
        entries_file.loaded(place, replace(manifest, objects=(stored,)), ())
    with pytest.raises(DamagedError, match=r"has no catalog.jsonl"):
        entries_file.loaded(place, replace(manifest, objects=()), ())
