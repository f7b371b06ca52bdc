"""Every kind of seeded fault is caught and named; what the usual checks would have caught is noted for the score's table."""

import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.backups.score.copies import copies
from tests.backups.score.scene import COUNTS, Kept, Scene, dropped, miscounted, restored, usual_checks
from tests.backups.score.stored import MANIFEST, OBJECTS, UNREMEMBERED, Fault
from tests.backups.world import in_folder
from upkeep.backups import copy_compare as compare
from upkeep.backups import large_objects, programs, tables
from upkeep.backups.destination import Destination
from upkeep.backups.digest import Digest
from upkeep.backups.manifest import Content, Manifest
from upkeep.backups.readback import read_back, read_manifest, read_whole
from upkeep.backups.roles import Roles
from upkeep.backups.rows_back import expected, statement_of
from upkeep.backups.rows_in import settle
from upkeep.errors import UpkeepError
from upkeep.sources.scratch import ScratchServer

HOSTILE = Path(__file__).parents[1] / "hostile.sql"
Note = Callable[[str, Callable[[], set[str]]], None]

pytestmark = pytest.mark.fault


@pytest.fixture
def note(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Note:
    """Keeps for the score's table what the usual checks catch of a fault; they cost a restore each, so only when it is made."""

    def noted(group: str, usual: Callable[[], set[str]]) -> None:
        if request.config.pluginmanager.has_plugin("score"):
            record_property("verifier", [group, *sorted(usual())])

    return noted


def judged(kept: Kept) -> None:
    """The verification of what is stored, as it is done for every backup."""
    manifest = read_manifest(kept.place, kept.record.id, kept.record.manifest_sha256)
    read_back(kept.place, manifest.objects)


def named(faults: tuple[Fault, ...]) -> list[Any]:
    return [pytest.param(fault, id=fault.name) for fault in faults]


@pytest.mark.parametrize("fault", named(OBJECTS + MANIFEST))
def test_of_what_is_stored(scene: Scene, fault: Fault, tmp_path: Path, note: Note) -> None:
    kept = scene.today.copied(tmp_path / "spoiled")
    judged(kept)
    fault.spoil(scene, kept)
    assert kept.stored != scene.today.stored
    group = "stored objects" if fault in OBJECTS else "manifest"
    note(group, lambda: usual_checks(scene, kept, tmp_path / "unpacked", scene.today.manifest))
    with pytest.raises(UpkeepError, match=fault.message):
        judged(kept)


@pytest.mark.parametrize("fault", named(UNREMEMBERED))
def test_of_a_manifest_that_nobody_remembers(scene: Scene, fault: Fault, tmp_path: Path, note: Note) -> None:
    kept = scene.today.copied(tmp_path / "spoiled")
    fault.spoil(scene, kept)
    note("manifest", lambda: usual_checks(scene, kept, tmp_path / "unpacked", scene.today.manifest))
    with dropped(scene.database()) as into:
        try:
            message = "; ".join(restored(kept, into, expected_sha256=None).differences)
        except UpkeepError as error:
            message = str(error)
    assert re.search(fault.message, message), message


@dataclass(frozen=True, slots=True)
class Held(Destination):
    """A database seen through one session, with what its open transaction has changed."""

    held: "psycopg.Connection[Any] | None" = field(default=None, kw_only=True)

    @contextmanager
    def session(self) -> "Iterator[psycopg.Connection[Any]]":
        """The one that is held."""
        assert self.held
        yield self.held


@dataclass(frozen=True, slots=True)
class Copy:
    """The hostile database's backup and its restored copy. `usual` gives what the checks of the dump itself say."""

    kept: Kept
    usual: Callable[[], set[str]]
    into: Destination
    manifest: Manifest


@pytest.fixture(scope="module")
def copy(scene: Scene, server: ScratchServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    source = Destination(server.endpoint(), 'host\'ile "ä"')
    with dropped(source), dropped(Destination(server.endpoint(), "copy")) as into:
        with into.admin() as admin:
            admin.execute(SQL("create database {}").format(Identifier(source.database)))
        with source.endpoint.connect("plant") as connection:
            connection.execute(HOSTILE.read_bytes())
            connection.execute('drop collation if exists "Coll ation"')
        shelf = in_folder(tmp_path_factory.mktemp("hostile"))
        record = shelf.take(source.endpoint)
        kept = Kept(Path(shelf.place.at(record.id).root), record)
        assert restored(kept, into).differences == ()
        usual = cache(lambda: usual_checks(scene, kept, tmp_path_factory.mktemp("unpacked"), kept.manifest))
        yield Copy(kept, usual, into, read_whole(kept.place, record.id))


def differences(copy: Copy, connection: "psycopg.Connection[Any]") -> tuple[str, ...]:
    """What the comparison says of the copy as this session sees it, its open transaction included."""
    held = Held(copy.into.server, copy.into.database, held=connection)
    contents = tuple(rows_as_seen(copy.manifest, connection))
    return compare.Copy(held, copy.manifest, Roles()).compared(contents, compare.Texts()).differences


def rows_as_seen(manifest: Manifest, connection: "psycopg.Connection[Any]") -> Iterator[Content]:
    """As RowsBack reads them, but through this session."""
    with connection.transaction():
        settle(connection, manifest.encoding)
        there = {table.key for table in tables.relations(connection)}
        for content in expected(manifest.contents):
            if content.key in there:
                yield row_of(content, manifest, connection)
        yield large_objects.content(connection)


def row_of(content: Content, manifest: Manifest, connection: "psycopg.Connection[Any]") -> Content:
    statement = statement_of(content, manifest.encoding).encode()
    try:
        with connection.transaction(), connection.cursor().copy(statement) as copied:
            digest = Digest.of(map(bytes, copied))
    except psycopg.errors.UndefinedColumn:
        return replace(content, digest="a column is missing")
    return replace(content, rows=digest.rows, digest=digest.value)


@pytest.mark.parametrize(("statement", "message"), [pytest.param(*rest, id=name) for name, *rest in copies()])
def test_of_a_restored_copy(copy: Copy, statement: str, message: str, note: Note) -> None:
    with copy.into.endpoint.connect("plant") as connection, connection.transaction(force_rollback=True):
        connection.execute(statement.encode())
        note("restored copy", lambda: ({COUNTS} if miscounted(connection, copy.manifest) else set()) | copy.usual())
        found = differences(copy, connection)
        assert re.search(message, "\n".join(found)), found


TOOLS = {
    "it complains and exits 0": (
        '{real} "$@"; echo "pg_restore: error: could not execute query" >&2; exit 0',
        "could not execute",
    ),
    "it only warns": ('{real} "$@"; echo "pg_restore: warning: errors ignored on restore: 1" >&2; exit 0', "errors ignored"),
    "it exits 1 without a word": ('{real} "$@"; exit 1', "ended with 1"),
    "it is killed at its end": ('{real} "$@"; kill -9 $$', "ended with -?9|ended with 137"),
    "it does nothing and exits 0": ("exit 0", "does not exist|is missing"),
    "it leaves out indexes and constraints": (
        'case "$*" in *post-data*) exit 0 ;; esac; exec {real} "$@"',
        "orders_who is missing",
    ),
    "it leaves out large objects": ('case "$*" in *section*) exec {real} "$@" ;; esac; cat >/dev/null', "large objects: 0"),
    "it leaves out one schema": ('exec {real} --exclude-schema=public "$@"', "does not exist|is missing"),
    "it leaves out owners and grants": ('exec {real} --no-owner --no-privileges "$@"', "is owned by|is missing"),
    "it leaves out comments": ('exec {real} --no-comments "$@"', "comment"),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_of_the_restore_tool(
    scene: Scene, copy: Copy, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, note: Note
) -> None:
    script, message = TOOLS[tool]
    major, folder = programs.client(scene.server.major or 0)
    fake = tmp_path / "bin"
    fake.mkdir()
    for program in folder.iterdir():
        (fake / program.name).symlink_to(program)
    (fake / "pg_restore").unlink()
    (fake / "pg_restore").write_text("#!/bin/sh\n" + script.format(real=shlex.quote(str(folder / "pg_restore"))))
    (fake / "pg_restore").chmod(0o755)
    kept = copy.kept if "grants" in tool or "comments" in tool else scene.today
    unpacked, program = tmp_path / "unpacked", fake / "pg_restore"
    note("restore tool, keys", lambda: usual_checks(scene, kept, unpacked, kept.manifest, pg_restore=program))
    monkeypatch.setattr(programs, "client", lambda _: (major, fake))
    with dropped(scene.database()) as into:
        try:
            told = "; ".join(restored(kept, into).differences)
        except UpkeepError as error:
            told = str(error)
    assert re.search(message, told), told


def _wrong_key(scene: Scene, _: Kept) -> dict[str, Any]:
    return {"keys": [str(type(scene.key).generate())]}


def _flipped(scene: Scene, kept: Kept) -> dict[str, Any]:
    path = kept.file_of("public.orders")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return {"keys": [str(scene.key)]}


def _cut(scene: Scene, kept: Kept) -> dict[str, Any]:
    path = kept.file_of("public.orders")
    path.write_bytes(path.read_bytes()[:-16])
    return {"keys": [str(scene.key)]}


SEALED: dict[str, tuple[Callable[[Scene, Kept], dict[str, Any]], str]] = {
    "the wrong key": (_wrong_key, "none of the keys opens"),
    "no key": (lambda _scene, _kept: {}, "is encrypted"),
    "a bit of a sealed object": (_flipped, "SHA-256 differs"),
    "a sealed object cut": (_cut, "bytes, not"),
}


@pytest.mark.parametrize("fault", SEALED)
def test_of_a_sealed_backup(scene: Scene, fault: str, tmp_path: Path, note: Note) -> None:
    import pyrage

    plant, message = SEALED[fault]
    kept = scene.sealed.copied(tmp_path / "spoiled")
    more = plant(scene, kept)
    keys = [pyrage.x25519.Identity.from_str(text) for text in more.get("keys", ())]
    note("restore tool, keys", lambda: usual_checks(scene, kept, tmp_path / "unpacked", scene.today.manifest, keys=keys))
    with dropped(scene.database()) as into, pytest.raises(UpkeepError, match=message):
        restored(kept, into, **more)
