"""What the seeded faults are tried on: a server, two days' backups of a shop, one of another shop, and the three usual checks."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import zstandard
from psycopg.sql import SQL, Identifier

from tests.backups.world import Shelf, in_folder, quiet
from upkeep.backups import programs, snapshot, tables
from upkeep.backups.definitions import ARCHIVE, GLOBALS, LARGE_OBJECTS
from upkeep.backups.destination import Destination
from upkeep.backups.manifest import Manifest
from upkeep.backups.names import parts_of
from upkeep.backups.readback import read_manifest
from upkeep.backups.registry import Record
from upkeep.backups.restore import Restored, Restoring
from upkeep.backups.unpacking import raw_name
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer

SHOP = Path(__file__).with_name("shop.sql")
LISTING, EXIT, COUNTS = "pg_restore -l", "exit code", "row counts"
_NEXT_DAY = """
    update orders set who = md5(who) where id % 10 = 0;
    select lo_put(7002, 0, 'A');
    create or replace view dear as select id, who from orders where total > 1000;
"""
_OTHER_SHOP = "update orders set who = 'another shop''s'; update archive set who = 'too'"


@dataclass(frozen=True, slots=True)
class Kept:
    """One backup: its folder and its row."""

    folder: Path
    record: Record

    @property
    def manifest(self) -> Manifest:
        """As it was stored."""
        return read_manifest(self.place, self.record.id, self.record.manifest_sha256)

    @property
    def place(self) -> ObjectStore:
        """The folder as a store."""
        return open_store(f"file://{self.folder}")

    @property
    def stored(self) -> dict[str, bytes]:
        """Everything in its folder."""
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def copied(self, to: Path) -> "Kept":
        """The same under another root, to be spoiled."""
        folder = to / self.folder.name
        shutil.copytree(self.folder, folder)
        return Kept(folder, self.record)

    def file_of(self, table: str) -> Path:
        """The object with this table's rows."""
        ((name,),) = (content.objects for content in self.manifest.contents if content.key == table)
        return self.folder / name


@dataclass
class Scene:
    """Backups of one server. `made` names the databases that the usual checks restored into."""

    server: ScratchServer
    today: Kept
    yesterday: Kept
    elsewhere: Kept
    sealed: Kept
    key: Any
    made: int = field(default=0)

    def database(self) -> Destination:
        """A database of the server that is not there yet."""
        self.made += 1
        return Destination(self.server.endpoint(), f"made {self.made}")


@contextmanager
def dropped(into: Destination) -> Iterator[Destination]:
    """The database is gone in the end."""
    try:
        yield into
    finally:
        with into.admin() as admin:
            admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(into.database)))


def make(server: ScratchServer, folder: Path) -> Scene:
    """Make the shops and back them up."""
    with patch.object(snapshot, "LARGE_BYTES", 1):  # every table with rows has an object of its own
        return _made(server, folder)


def _made(server: ScratchServer, folder: Path) -> Scene:
    import pyrage

    shelf, other = in_folder(folder / "store"), in_folder(folder / "store", "another")
    key = pyrage.x25519.Identity.generate()
    shop = _database(server, "shop", SHOP.read_text())
    yesterday = _kept(shelf, shop)
    _run(shop, _NEXT_DAY)
    today = _kept(shelf, shop)
    elsewhere = _kept(other, _database(server, "other_shop", SHOP.read_text() + _OTHER_SHOP))
    sealed = _kept(shelf, shop, encrypt_to=[str(key.to_public())])
    return Scene(server, today, yesterday, elsewhere, sealed, key)


def restored(kept: Kept, into: Destination, **more: Any) -> Restored:
    """Restore with Upkeep, and compare."""
    more.setdefault("expected_sha256", kept.record.manifest_sha256)
    return Restoring(kept.place, into, quiet, **more).run()


def usual_checks(scene: Scene, kept: Kept, folder: Path, noted: Manifest, **more: Any) -> set[str]:
    """Which of the usual checks object to this backup, in a plain restore of what it unpacks to. `noted` has the row counts."""
    programs_folder = programs.client(scene.server.major or 0)[1]
    program = more.get("pg_restore", programs_folder / "pg_restore")
    broken = unpack_all(kept.folder, folder / "unpacked", more.get("keys", ()))
    archive = folder / "unpacked" / ARCHIVE
    caught = set()
    if ARCHIVE in broken or _code([programs_folder / "pg_restore", "-l", archive], scene.server.endpoint()):
        caught.add(LISTING)
    with dropped(scene.database()) as into:
        with into.admin() as admin:
            admin.execute(SQL("create database {} template template0").format(Identifier(into.database)))
        codes = [_code(step, into.endpoint, stdin) for step, stdin in _plain_restore(folder / "unpacked", noted, program, into)]
        if any(codes) or broken:
            caught.add(EXIT)
        with into.session() as connection:
            if miscounted(connection, noted):
                caught.add(COUNTS)
    return caught


def _plain_restore(folder: Path, noted: Manifest, pg_restore: Path, into: Destination) -> Iterator[tuple[list[Any], Path]]:
    """The steps of a restore as a careful person would type them, and what each reads."""
    psql = [programs.client(noted.server_version)[1] / "psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", into.database]
    archive, database = folder / ARCHIVE, f"dbname='{into.database}'"
    yield [pg_restore, "--section=pre-data", "-d", database, archive], archive
    for content in noted.contents:
        for name in map(raw_name, content.objects):
            if name.endswith(".copy"):
                statement = tables.copy_in(content.root or content.name, content.columns, noted.encoding)
                yield [*psql, "-c", statement], folder / name
    for script in sorted({raw_name(o.name) for o in noted.objects if raw_name(o.name).endswith(".sql")} - {GLOBALS}):
        yield [*psql, "-1", "-f", folder / script], archive
    yield [pg_restore, "-d", database, folder / LARGE_OBJECTS], archive
    yield [pg_restore, "--section=post-data", "-d", database, archive], archive


def miscounted(connection: "psycopg.Connection[Any]", noted: Manifest) -> list[str]:
    """Tables that are missing or have another number of rows than was noted."""
    wrong = []
    for content in noted.contents:
        if not content.name:
            continue
        try:
            with connection.transaction():
                statement = SQL("select count(*) from only {}").format(Identifier(*parts_of(content.key)))
                row = connection.execute(statement).fetchone()
        except psycopg.Error:
            row = None
        if row is None or row[0] != content.rows:
            wrong.append(content.key)
    return wrong


def unpack_all(folder: Path, to: Path, keys: Sequence[Any] = ()) -> set[str]:
    """Unpack a backup's objects as far as they can be; the names of those that could not be to their end."""
    broken = set()
    for path in folder.rglob("*.zst*"):
        name = raw_name(str(path.relative_to(folder)))
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        if not _unpacked(path, to / name, keys):
            broken.add(name)
    return broken


def _unpacked(path: Path, to: Path, keys: Sequence[Any]) -> bool:
    data, raw, frame = path.read_bytes(), bytearray(), zstandard.ZstdDecompressor().decompressobj()
    whole = True
    try:
        if path.suffix == ".age":
            import pyrage

            data = pyrage.decrypt(data, list(keys))
        for start in range(0, len(data), 1024):
            raw += frame.decompress(data[start : start + 1024])
    except Exception:  # noqa: BLE001 - whatever the unpacking program would have ended with
        whole = False
    to.write_bytes(raw)
    return whole and frame.eof


def _code(args: Sequence[Any], endpoint: Endpoint, stdin: Path | None = None) -> int:
    environment: Mapping[str, str] = {**os.environ, **programs.environment(endpoint, "usual check")}
    command = [str(word) for word in args]
    if stdin is not None and not stdin.exists():
        return 1
    with stdin.open("rb") if stdin else nullcontext(subprocess.DEVNULL) as source:
        return subprocess.run(command, env=environment, stdin=source, capture_output=True, check=False).returncode


def _database(server: ScratchServer, name: str, sql: str) -> Endpoint:
    _run(server.endpoint(), f"create database {name}")
    _run(server.endpoint(name), sql)
    return server.endpoint(name)


def _run(endpoint: Endpoint, sql: str) -> None:
    with endpoint.connect("plant") as connection:
        connection.execute(sql.encode())


def _kept(shelf: Shelf, source: Endpoint, **plan: Any) -> Kept:
    record = shelf.take(source, **plan)
    return Kept(Path(shelf.place.at(record.id).root), record)
