"""The day when all else is lost: a backup restored with PostgreSQL's clients, zstd and age alone."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier

from tests.backups.test_restore import HOSTILE, NAME
from tests.backups.world import Shelf, in_folder
from upkeep.backups.copy_compare import Copy, Texts
from upkeep.backups.destination import Destination
from upkeep.backups.manifest import Manifest
from upkeep.backups.programs import client
from upkeep.backups.readback import read_whole
from upkeep.backups.roles import Roles
from upkeep.backups.rows_back import RowsBack, expected
from upkeep.sources.scratch import ScratchServer, free_port, installed

pytestmark = pytest.mark.skipif(not shutil.which("zstd"), reason="zstd is not installed")


def server(folder: Path, major: int) -> ScratchServer:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    return ScratchServer(folder, free_port(), major=major, settings={"fsync": "off", "wal_level": "logical", "autovacuum": "off"})


def run(folder: Path, into: ScratchServer, *args: str) -> "subprocess.CompletedProcess[str]":
    """The script as a person runs it, with nothing of ours on the way."""
    endpoint = into.endpoint()
    programs = client(into.major or 18)[1]
    environment = {
        "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin", "PGHOST": endpoint.host, "PGPORT": str(endpoint.port),
        "PGUSER": str(endpoint.user), "PGPASSWORD": str(endpoint.password),
    }  # fmt: skip
    return subprocess.run(
        ["/bin/sh", str(folder / "restore.sh"), *args], env=environment, capture_output=True, text=True, check=False
    )


def taken(shelf: Shelf, of: ScratchServer, keys: Sequence[Any] = (), **plan: object) -> tuple[Path, Manifest]:
    with of.endpoint().connect("plant") as admin:
        admin.execute(SQL("create database {}").format(Identifier(NAME)))
    with of.endpoint(NAME).connect("plant") as connection:
        connection.execute(HOSTILE.read_bytes())
        connection.execute('drop collation if exists "Coll ation"')
        connection.execute("create table large as select i, repeat('x', 100) as x from generate_series(1, 60000) as i")
    record = shelf.take(of.endpoint(NAME), **plan)  # type: ignore[arg-type] # words of the plan
    place = shelf.place.at(record.id)
    return Path(place.root), read_whole(place, record.id, keys=keys)


def differences(shelf: Shelf, manifest: Manifest, copy: Destination, major: int) -> tuple[str, ...]:
    contents = RowsBack(manifest, copy, client(major)[1], major).run()
    assert shelf.place.at(manifest.id).exists("manifest.json")
    return Copy(copy, manifest, Roles()).compared(contents, Texts()).differences


@pytest.mark.slow
@pytest.mark.parametrize("major", [m for m in (15, 18) if m in installed()])
def test_the_script_alone_restores_everything(tmp_path: Path, major: int) -> None:
    tmp_path.chmod(0o755)
    source, other = server(tmp_path / "source", major), server(tmp_path / "other", major)
    shelf = in_folder(tmp_path, "shop")
    try:
        source.start()
        folder, manifest = taken(shelf, source)
        source.stop()
        other.start()
        done = run(folder, other, 'new "name"')
        assert done.returncode == 0, done.stderr
        assert "7/7" in done.stdout
        assert len(expected(manifest.contents)) > 30
        assert differences(shelf, manifest, Destination(other.endpoint(), 'new "name"'), major) == ()
        again = run(folder, other, 'new "name"')
        assert again.returncode != 0
        assert "already exists" in again.stderr, "and what is there is not touched"
    finally:
        source.remove()
        other.remove()


@pytest.mark.skipif(not shutil.which("age"), reason="age is not installed")
def test_what_is_sealed_opens_with_the_key_file(tmp_path: Path) -> None:
    import pyrage

    tmp_path.chmod(0o755)
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(f"{identity}\n")
    source, shelf = server(tmp_path / "source", max(installed())), in_folder(tmp_path, "shop")
    try:
        source.start()
        folder, manifest = taken(shelf, source, [identity], encrypt_to=[str(identity.to_public())])
        done = run(folder, source, str(tmp_path / "key"), "copy")
        assert done.returncode == 0, done.stderr
        copy = Destination(source.endpoint(), "copy")
        assert differences(shelf, manifest, copy, max(installed())) == ()
        (tmp_path / "key").write_text(f"{pyrage.x25519.Identity.generate()}\n")
        assert run(folder, source, str(tmp_path / "key"), "third").returncode != 0
    finally:
        source.remove()


@pytest.mark.parametrize("name", ["rows/small-00001.sql.zst", "definitions.dump.zst", "sequences.sql.zst"])
@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
def test_damage_stops_it_before_anything_is_made(tmp_path: Path, damage: str, name: str, server: ScratchServer) -> None:
    shelf = in_folder(tmp_path, "shop")
    with server.endpoint().connect("plant") as admin:
        admin.execute("drop database if exists plain with (force)")
        admin.execute("create database plain")
    with server.endpoint("plain").connect("plant") as connection:
        connection.execute(
            "create table t (n serial, x text); insert into t (x) select md5(n::text) from generate_series(1, 99) n"
        )
    record = shelf.take(server.endpoint("plain"))
    path = Path(shelf.place.at(record.id).root) / name
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(whole[:-5] if damage == "cut" else whole[:9] + bytes([whole[9] ^ 1]) + whole[10:])
    done = run(path.parent if "/" not in name else path.parent.parent, server, "never_made")
    assert done.returncode != 0
    assert name in done.stderr + done.stdout
    with server.endpoint().connect("look") as admin:
        assert admin.execute("select from pg_database where datname = 'never_made'").fetchone() is None


def test_wrong_use_is_said(tmp_path: Path, server: ScratchServer) -> None:
    shelf = in_folder(tmp_path, "shop")
    record = shelf.take(server.endpoint("postgres"))
    folder = Path(shelf.place.at(record.id).root)
    done = run(folder, server)
    assert (done.returncode, "usage: sh restore.sh NEW-DATABASE" in done.stderr) == (2, True)
    manual = (folder / "RESTORE.md").read_text()
    assert "sh restore.sh NEW-DATABASE" in manual
    assert os.access(folder / "restore.sh", os.R_OK)
