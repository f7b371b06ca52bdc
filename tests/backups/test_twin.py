"""Twins: a copy on another major version is compared exactly, with what its version makes of the same definitions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.backups.score.copies import WITH_TWINS, versions
from tests.backups.world import dump_globals
from upkeep.backups import catalogue, programs, twin
from upkeep.backups.compare import EXACT, Compared, Found, Meant, Twin, compare
from upkeep.backups.manifest import Entry, Manifest
from upkeep.backups.witness import definitions_of, dump_definitions
from upkeep.sources.scratch import ScratchServer, free_port, installed

HOSTILE = Path(__file__).with_name("hostile.sql")
OLD = min(installed())
# The most words have changed for the last.
PAIRS = [(OLD, max(installed())), (sorted(installed())[1], max(installed()))]


@dataclass
class Scene:
    """A copy on a newer server, and the twins of its backup. `script` is the text of the copy."""

    server: ScratchServer
    manifest: Manifest
    twins: Twin
    script: str

    def compared(self, connection: Any, twins: Twin | None) -> Compared:
        """What is said of the copy as this session sees it."""
        facts = {**catalogue.database_facts(connection), **{key: self.manifest.database[key] for key in ("comment", "settings")}}
        major = connection.info.server_version // 10000
        found = Found(major, (), {}, _of_definitions(catalogue.entries(connection)), facts, self.script)
        return compare(self.manifest, found, Meant(globals=True), twin=twins)


@pytest.fixture(scope="module", params=PAIRS, ids=str)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The hostile database, dumped by the older server's programs and restored on the newer."""
    old, new = request.param
    folder = tmp_path_factory.mktemp("twins")
    settings = {"fsync": "off", "wal_level": "logical"}
    servers = [
        ScratchServer(tmp_path_factory.mktemp(f"twins{major}"), free_port(), major=major, settings=settings)
        for major in (old, new)
    ]
    try:
        for server in servers:
            server.start()
            with server.endpoint().connect("plant") as admin:
                admin.execute("create database shop template template0")
        with servers[0].endpoint("shop").connect("plant") as connection:
            connection.execute(HOSTILE.read_bytes())
            connection.execute('drop collation if exists "Coll ation"')
            entries, database = catalogue.entries(connection), catalogue.database_facts(connection)
        manifest = _manifest(old, entries, database)
        archive, roles = folder / "definitions.dump", dump_globals(servers[0].endpoint(), servers[0].program("pg_dump").parent)
        dump_definitions(servers[0].endpoint("shop"), servers[0].program("pg_dump").parent, archive)
        script = _restored(servers[1], archive, roles, twin.program_folder(manifest, new))
        yield Scene(servers[1], manifest, twin.twins(archive, roles, manifest, new), script)
    finally:
        for server in servers:
            server.remove()


def _manifest(major: int, entries: tuple[Entry, ...], database: dict[str, Any]) -> Manifest:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    return Manifest(
        id="x", target="t", database=database, system_identifier="", encoding="UTF8", server_version=major, client_version=major,
        begun_at=moment, snapshot_at=moment, objects=(), contents=(), sequences={},
        entries=_of_definitions(entries),
    )  # fmt: skip


def _of_definitions(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Without the database's own, which the restore sets last, and without large objects."""
    return tuple(e for e in entries if e.kind not in {"database", "large objects"} and "large object " not in e.key)


def _restored(server: ScratchServer, archive: Path, roles: str, folder: Path) -> str:
    into = server.endpoint("shop")
    with server.endpoint().connect("plant") as admin:
        for line in re.findall(r"^CREATE ROLE .*;$", roles, re.MULTILINE):
            if "postgres" not in line:
                admin.execute(line.encode())
    args = ("--exit-on-error", "--dbname=shop", str(archive))
    programs.run(folder / "pg_restore", *args, env=programs.environment(into, "restore"))
    dump_definitions(into, folder, archive.with_name("copy.dump"))
    return definitions_of(archive.with_name("copy.dump"), folder / "pg_restore")


def test_a_good_copy_is_exactly_the_same(scene: Scene) -> None:
    assert scene.twins.lacking == ""
    with scene.server.endpoint("shop").connect("look") as connection:
        compared = scene.compared(connection, scene.twins)
        loose = scene.compared(connection, None)
    assert compared.differences == ()
    assert compared.exactness == EXACT
    assert loose.differences == ()
    assert loose.exactness == "data proven, definitions compared loosely (no twin was made)"


@pytest.mark.parametrize(("name", "statement", "message"), [pytest.param(*each, id=each[0]) for each in versions()])
def test_a_fault_is_named_across_versions(scene: Scene, name: str, statement: str, message: str) -> None:
    with scene.server.endpoint("shop").connect("fault") as connection, connection.transaction(force_rollback=True):
        connection.execute(statement.encode())
        exact, loose = scene.compared(connection, scene.twins), scene.compared(connection, None)
    assert re.search(message, "\n".join(exact.differences)), exact
    if not name.endswith(WITH_TWINS):
        assert re.search(message, "\n".join(loose.differences)), loose


def test_the_text_of_pg_dump_is_compared_with_the_twins(scene: Scene) -> None:
    other = replace(scene, script=scene.script.replace("'Admin'", "'ADMIN'"))
    with scene.server.endpoint("shop").connect("look") as connection:
        differences = other.compared(connection, scene.twins).differences
    assert differences
    assert all("ADMIN" in line or "'Admin'" in line for line in differences)


def test_stored_definitions_that_are_not_the_backups_are_seen(scene: Scene) -> None:
    entries = tuple(replace(e, definition=e.definition.replace("'Admin'", "'ADMIN'")) for e in scene.manifest.entries)
    other = replace(scene, manifest=replace(scene.manifest, entries=entries))
    with scene.server.endpoint("shop").connect("look") as connection:
        differences = other.compared(connection, scene.twins).differences
    assert any(
        line.startswith(f"the stored definitions, on PostgreSQL {scene.manifest.server_version}: ") for line in differences
    )


def test_a_twin_that_cannot_be_made_says_why(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "none").write_bytes(b"no archive")
    made = twin.twins(tmp_path / "none", "", replace(scene.manifest, server_version=OLD), 99)
    assert (made.own, made.there) == (None, None)
    assert "no programs of PostgreSQL 99 here" in made.lacking
    with scene.server.endpoint("shop").connect("look") as connection:
        compared = scene.compared(connection, made)
    assert compared.exactness.startswith("data proven, definitions compared loosely (")
    assert compared.differences == ()
