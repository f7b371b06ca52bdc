"""Taking a backup: whole or not at all, exact under writes, packed, sealed, read back."""

import threading
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.backups.world import Shelf
from tests.lab import Lab, fresh_database
from tests.object_store import S3Server
from upkeep.backups.copy_out import CopyOut
from upkeep.backups.manifest import NAME, DamagedError, Manifest
from upkeep.backups.psql import SessionError
from upkeep.backups.readback import read_back, read_manifest
from upkeep.backups.registry import State
from upkeep.backups.snapshot import ChangedError
from upkeep.errors import BrokenError, UpkeepError
from upkeep.sources.objects import open_store
from upkeep.sources.scratch import ScratchServer

SHOP = """
    create schema "odd schema's";
    create table "odd schema's"."we'ird ""big"" table" (id serial primary key, note text);
    insert into "odd schema's"."we'ird ""big"" table" (note) select 'line' || chr(10) || i from generate_series(1, 1000) as i;
    create table orders (id bigint generated always as identity, total numeric,
        twice numeric generated always as (total * 2) stored);
    insert into orders (total) select i from generate_series(1, 5000) as i;
    create table parts (at date, n int) partition by range (at);
    create table parts_2026 partition of parts for values from ('2026-01-01') to ('2027-01-01');
    insert into parts values ('2026-05-05', 1);
    create table empty (x int);
    create table bare ();
    insert into bare default values;
    select lo_from_bytea(4711, 'large');
"""

_RUN = CopyOut.run


def manifest_of(shelf: Shelf, backup_id: str) -> Manifest:
    return Manifest.parse(shelf.place.at(backup_id).get(NAME))


def test_a_backup_holds_all_and_says_what(lab: Lab, shelf: Shelf) -> None:
    lab.run(SHOP)
    record = shelf.take(lab.endpoint)
    manifest = manifest_of(shelf, record.id)
    rows = {content.key: content.rows for content in manifest.contents}
    assert rows['"odd schema\'s"."we\'ird ""big"" table"'] == 1000
    assert rows["public.orders"] == 5000
    assert rows["public.parts_2026"] == 1
    assert rows["public.bare"] == 1
    assert rows["large objects"] == 1
    assert manifest.sequences['"odd schema\'s"."we\'ird ""big"" table_id_seq"'] == "1000,t"
    assert record.state is State.COMPLETE
    assert record.manifest_sha256 == manifest.sha256
    assert record.rows == 1000 + 5000 + 1 + 1 + 1
    assert shelf.place.at(record.id).sizes().keys() == {NAME, *(stored.name for stored in manifest.objects)}
    assert {stored.name for stored in manifest.objects} >= {
        "globals.sql.zst",
        "definitions.dump.zst",
        "rows/small-00001.sql.zst",
        "restore.sh",
    }


def test_on_every_major_with_its_own_programs(every_server: ScratchServer, shelf: Shelf) -> None:
    with fresh_database(every_server, "taken") as lab:
        lab.run(SHOP)
        record = shelf.take(lab.endpoint, jobs=3)
        manifest = manifest_of(shelf, record.id)
    assert manifest.server_version == every_server.major
    assert manifest.client_version >= manifest.server_version


def test_it_is_exact_while_others_write(lab: Lab, shelf: Shelf) -> None:
    """Each backup shows one moment: the rows that its own snapshot counts."""
    lab.run(
        "create table busy (n serial, x text default repeat('x', 200)); insert into busy select from generate_series(1, 50000)"
    )
    done = threading.Event()

    def write() -> None:
        with lab.endpoint.connect("writer") as connection:
            while not done.is_set():
                connection.execute("insert into busy select from generate_series(1, 500)")
                connection.execute("delete from busy where n % 97 = 3")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        taken = [shelf.take(lab.endpoint) for _ in range(3)]
    finally:
        done.set()
        writer.join()
    assert len({record.rows for record in taken}) > 1, "somebody did write"


def test_no_row_passes_through_the_local_disk(lab: Lab, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lab.run("create table wide as select i, repeat(md5(i::text), 100) as x from generate_series(1, 20000) as i")
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(room))
    seen: list[int] = []

    def look(step: str, _: str = "") -> None:
        assert step
        seen.append(sum(path.stat().st_size for path in room.rglob("*") if path.is_file()))

    record = shelf.take(lab.endpoint, look)
    assert (record.raw_bytes or 0) > 50 << 20
    assert (record.rows or 0) == 20000
    assert max(seen) < 1 << 20
    assert list(room.iterdir()) == []


def test_sealed_objects_open_with_the_private_key_only(lab: Lab, shelf: Shelf) -> None:
    import pyrage

    lab.run("create table t as select 'top secret' as x")
    identity = pyrage.x25519.Identity.generate()
    record = shelf.take(lab.endpoint, encrypt_to=[str(identity.to_public())])
    place = shelf.place.at(record.id)
    assert all(name.endswith(".age") for name in place.sizes() if name not in {NAME, "restore.sh", "RESTORE.md"})
    data = place.get("rows/small-00001.sql.zst.age")
    opened = pyrage.decrypt(data, [identity])
    assert b"\ntop secret\n" in zstandard.ZstdDecompressor().stream_reader(opened).read()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(data, [pyrage.x25519.Identity.generate()])
    with pytest.raises(BrokenError, match="no age public key"):
        shelf.take(lab.endpoint, encrypt_to=["age1nonsense"])


def test_an_s3_server_keeps_the_same_objects(lab: Lab, s3: S3Server, tmp_path: Path) -> None:
    assert tmp_path.exists()
    lab.run(SHOP)
    shelf = Shelf(s3.store("taken"), target="a / hostile 'name'")
    record = shelf.take(lab.endpoint)
    assert shelf.place.at(record.id).sizes().keys() >= {NAME, "definitions.dump.zst"}
    read_back(shelf.place.at(record.id), manifest_of(shelf, record.id).objects)


@pytest.mark.parametrize("step", ["snapshot", "copy", "read back", "manifest"])
def test_a_run_that_ended_at_any_step_leaves_nothing_that_looks_whole(lab: Lab, shelf: Shelf, step: str) -> None:
    lab.run(SHOP)
    first = shelf.take(lab.endpoint)
    before = shelf.place.at(first.id).sizes()

    def stop(at: str, _: str = "") -> None:
        if at == step:
            raise BrokenError("pulled the plug", retry=True)

    with pytest.raises(BrokenError, match="pulled the plug"):
        shelf.take(lab.endpoint, stop)
    states = [record.state for record in shelf.rows.records("shop")]
    assert sorted(states) == [State.COMPLETE, State.FAILED]
    assert {name.partition("/")[0] for name in shelf.place.sizes()} == {first.id}
    shelf.take(lab.endpoint)
    assert shelf.place.at(first.id).sizes() == before


def test_a_whole_backup_whose_row_could_not_be_written_is_kept_for_the_next_run(lab: Lab, shelf: Shelf) -> None:
    lab.run(SHOP)

    def stop(at: str, _: str = "") -> None:
        if at == "register":
            raise BrokenError("the report database is away", retry=True)

    with pytest.raises(BrokenError, match="is away"):
        shelf.take(lab.endpoint, stop)
    (left,) = shelf.rows.records("shop")
    assert left.state is State.TAKING
    shelf.take(lab.endpoint)
    assert shelf.rows.backups[left.id].state is State.COMPLETE
    read_back(shelf.place.at(left.id), manifest_of(shelf, left.id).objects)


def test_a_manifest_without_its_row_is_registered_by_the_next_run(lab: Lab, shelf: Shelf) -> None:
    from dataclasses import replace

    lab.run(SHOP)
    record = shelf.take(lab.endpoint)
    shelf.rows.put(replace(record, state=State.TAKING, verified_at=None, rows=None))
    shelf.take(lab.endpoint)
    healed = shelf.rows.backups[record.id]
    assert (healed.state, healed.rows) == (State.COMPLETE, record.rows)


def _spoil_missing(place: Any, name: str) -> None:
    place.delete(name)


def _spoil_bit(place: Any, name: str) -> None:
    data = bytearray(place.get(name))
    data[len(data) // 2] ^= 1
    place.put(name, bytes(data))


def _spoil_short(place: Any, name: str) -> None:
    place.put(name, place.get(name)[:-1])


def _spoil_more(place: Any, name: str) -> None:
    place.put(name + ".copy", place.get(name))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [(_spoil_missing, "missing"), (_spoil_bit, "SHA-256"), (_spoil_short, "bytes"), (_spoil_more, "does not belong")],
)
def test_reading_back_names_every_difference(lab: Lab, shelf: Shelf, spoil: Any, message: str) -> None:
    lab.run(SHOP)
    record = shelf.take(lab.endpoint)
    place, manifest = shelf.place.at(record.id), manifest_of(shelf, record.id)
    read_back(place, manifest.objects)
    spoil(place, "definitions.dump.zst")
    with pytest.raises(DamagedError, match=message):
        read_back(place, manifest.objects)


def test_a_manifest_is_known_to_be_damaged_foreign_or_exchanged(lab: Lab, shelf: Shelf) -> None:
    lab.run(SHOP)
    one, two = shelf.take(lab.endpoint), shelf.take(lab.endpoint)
    place, other = shelf.place.at(one.id), shelf.place.at(two.id)
    stored = place.get(NAME)
    place.put(NAME, other.get(NAME))
    with pytest.raises(DamagedError, match="holds the manifest of backup"):
        read_manifest(place, one.id)
    place.put(NAME, stored.replace(b'"rows": 5000', b'"rows": 5001'))
    with pytest.raises(DamagedError, match="damaged"):
        read_manifest(place, one.id)
    place.put(NAME, stored[:-10])
    with pytest.raises(DamagedError, match="no manifest"):
        read_manifest(place, one.id)
    place.put(NAME, stored)
    with pytest.raises(DamagedError, match="not the one"):
        read_manifest(place, one.id, "0" * 64)
    assert read_manifest(place, one.id, one.manifest_sha256).id == one.id


def test_a_login_without_rights_is_told_so(lab: Lab, shelf: Shelf) -> None:
    lab.run(
        "create table closed (x int); "
        "do $$ begin create role take_nobody login; exception when duplicate_object then null; end $$"
    )
    with pytest.raises(UpkeepError, match="permission denied"):
        shelf.take(lab.login("take_nobody"))
    assert [record.state for record in shelf.rows.records("shop")] == [State.FAILED]


def test_a_store_that_cannot_be_written_says_where_and_why(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    with pytest.raises(BrokenError, match="could not"):
        Shelf(open_store((file / "below").as_uri())).take(lab.endpoint)


@pytest.mark.parametrize("error", [ChangedError("came in between"), SessionError("a conflict", "40001", retry=True)])
def test_what_another_moment_may_mend_starts_over(
    lab: Lab, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    lab.run("create table t as select 1 as a")
    attempts = _failing(monkeypatch, error, times=1)
    assert shelf.take(lab.endpoint).state is State.COMPLETE
    assert len(attempts) == 2
    attempts = _failing(monkeypatch, error, times=9)
    with pytest.raises(BrokenError, match=f"{error}, 4 times"):
        shelf.take(lab.endpoint)
    assert len(attempts) == 4


def test_what_no_other_moment_mends_is_not_tried_again(lab: Lab, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = _failing(monkeypatch, SessionError("no right", "42501", retry=False), times=9)
    with pytest.raises(SessionError, match="no right"):
        shelf.take(lab.endpoint)
    assert len(attempts) == 1


def _failing(monkeypatch: pytest.MonkeyPatch, error: Exception, times: int) -> list[int]:
    """Let attempts at a backup fail so often; they are counted."""
    attempts: list[int] = []
    run = _RUN

    def fails(self: CopyOut) -> Manifest:
        attempts.append(1)
        if len(attempts) <= times:
            raise error
        return run(self)

    monkeypatch.setattr(CopyOut, "run", fails)
    monkeypatch.setattr("upkeep.backups.take.time.sleep", lambda _: None)
    return attempts
