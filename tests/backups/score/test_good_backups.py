"""Twenty good backups of hostile databases, taken while others write, on every major: each restored, and not one difference."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.backups.score.scene import Kept, dropped, restored
from tests.backups.world import Shelf, in_folder
from upkeep.backups import programs
from upkeep.backups.destination import Destination
from upkeep.sources.scratch import ScratchServer, free_port, installed

HOSTILE = Path(__file__).parents[1] / "hostile.sql"
RARE = Path(__file__).with_name("rare_kinds.sql")
# What pg_dump 15 calls its entries. Not here: SECURITY LABEL, which needs a module of C, and EXTENSION, which some servers lack.
EVERY_KIND = frozenset(
    """ACCESS METHOD|ACL|AGGREGATE|CAST|CHECK CONSTRAINT|COLLATION|COMMENT|CONSTRAINT|CONVERSION|DEFAULT|DEFAULT ACL|DOMAIN|
    EVENT TRIGGER|FK CONSTRAINT|FOREIGN DATA WRAPPER|FOREIGN TABLE|FUNCTION|INDEX|INDEX ATTACH|MATERIALIZED VIEW|
    MATERIALIZED VIEW DATA|OPERATOR|OPERATOR CLASS|OPERATOR FAMILY|POLICY|PROCEDURAL LANGUAGE|PROCEDURE|PUBLICATION|
    PUBLICATION TABLE|PUBLICATION TABLES IN SCHEMA|ROW SECURITY|RULE|SCHEMA|SEQUENCE|SEQUENCE OWNED BY|SEQUENCE SET|SERVER|
    SHELL TYPE|STATISTICS|SUBSCRIPTION|TABLE|TABLE ATTACH|TABLE DATA|TEXT SEARCH CONFIGURATION|TEXT SEARCH DICTIONARY|
    TEXT SEARCH PARSER|TEXT SEARCH TEMPLATE|TRANSFORM|TRIGGER|TYPE|USER MAPPING|VIEW""".replace("\n    ", "").split("|")
)  # fmt: skip
EACH = 5
NAMES = ("host'ile", 'ho"stile', "ho\\st ile", "höstile €", "; drop database postgres; --")
SETTINGS = {"fsync": "off", "wal_level": "logical", "autovacuum": "off", "lock_timeout": "20s"}
# Rows of every kind of table come, change and go; sequences move, large objects are made, changed and unlinked.
WRITES = (
    """insert into "select" ("Where?", "new
line") select md5(i::text), i from generate_series(1, 20) as i""",
    """update "select" set "ünïcödé" = 'ä' || "from", wide = '{"a": [1, null]}' where "from" % 7 = 0""",
    """delete from "select" where "from" % 11 = 3""",
    "insert into hashed select generate_series(1, 10); delete from hashed where a = 4",
    "insert into orders select (random() * 1e9)::bigint, 'eu', '2026-05-05', random()::numeric",
    "update orders set at = '2027-02-02', region = 'moved' where ctid = any(array(select ctid from orders limit 1)) and id > 900",
    "select nextval('untouched'), nextval('owned_one')",
    "select lo_from_bytea(0, convert_to(repeat('x', 3000), 'UTF8')); select lo_put(90002, 12345, 'changed')",
    "select lo_unlink(max(oid)) from pg_largeobject_metadata where oid not in (90001, 90002, 90003)",
    "create temporary table if not exists mine (a int); insert into mine values (1)",
    'insert into "no columns" default values; insert into child values (9, null, 9)',
)

Servers = Callable[[int], ScratchServer]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers by major version, started when first asked for."""
    made: dict[int, ScratchServer] = {}

    def server(major: int) -> ScratchServer:
        if major not in made:
            folder = tmp_path_factory.mktemp(f"good{major}")
            folder.chmod(0o755)
            made[major] = ScratchServer(folder, free_port(), major=major, settings=SETTINGS)
            made[major].start()
        return made[major]

    yield server
    for each in made.values():
        each.remove()


class Writers:
    """Two sessions that write without a pause until the block ends; `done` counts their statements."""

    def __init__(self, source: Destination) -> None:
        self._source, self._over, self.done = source, threading.Event(), 0
        self._threads = [threading.Thread(target=self._write, args=[start]) for start in range(2)]

    def _write(self, start: int) -> None:
        with self._source.endpoint.connect("writer") as connection:
            while not self._over.is_set():
                for statement in WRITES[start:] + WRITES[:start]:
                    with suppress(psycopg.Error):  # two may change the same row
                        connection.execute(statement.encode())
                        self.done += 1

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


@pytest.mark.slow
@pytest.mark.baseline
@pytest.mark.parametrize("number", range(EACH))
@pytest.mark.parametrize("major", [15, 16, 17, 18])
def test_a_good_backup_raises_nothing(servers: Servers, major: int, number: int, tmp_path: Path) -> None:
    if major not in installed():
        pytest.skip(f"PostgreSQL {major} is not here")
    name = NAMES[number]
    newer = max(installed()) if number == EACH - 1 else major  # the last one of each goes into the newest version
    with (
        dropped(Destination(servers(major).endpoint(), name)) as source,
        dropped(Destination(servers(newer).endpoint(), f"copy {name}")) as into,
    ):
        _fill(source)
        shelf = in_folder(tmp_path, name)
        with Writers(source) as writers:
            record = shelf.take(source.endpoint, jobs=1 + number % 3)
        done = restored(_kept(shelf, record.id), into)
    assert writers.done > len(WRITES)
    assert done.differences == ()
    assert [line for line in done.uncertain if not line.startswith("left out")] == []


@pytest.mark.slow
@pytest.mark.baseline
@pytest.mark.parametrize("major", [15, 16, 17, 18])
def test_every_kind_of_object_that_pg_dump_knows(servers: Servers, major: int, tmp_path: Path) -> None:
    if major not in installed():
        pytest.skip(f"PostgreSQL {major} is not here")
    server, newest = servers(major), servers(max(installed()))
    with dropped(Destination(server.endpoint(), "kinds")) as source, _with_rare_kinds(source):
        assert EVERY_KIND - _kinds(source, tmp_path / "archive", major) == set()
        shelf = in_folder(tmp_path, "kinds")
        records = [shelf.take(source.endpoint) for _ in range(EACH)]
        for number, record in enumerate(records):
            with dropped(Destination((newest if number == 0 else server).endpoint(), "copy of kinds")) as into:
                done = restored(_kept(shelf, record.id), into)
            assert done.differences == ()
            assert [line for line in done.uncertain if not line.startswith("left out")] == []


@contextmanager
def _with_rare_kinds(source: Destination) -> Iterator[None]:
    """A subscription keeps its database from being dropped."""
    _fill(source)
    with source.endpoint.connect("plant") as connection:
        connection.execute(RARE.read_bytes())
        try:
            yield
        finally:
            connection.execute("drop subscription never_connected")


def _kinds(source: Destination, archive: Path, major: int) -> set[str]:
    """What pg_dump itself calls the entries of a dump."""
    folder, environment = programs.client(major)[1], programs.environment(source.endpoint, "kinds")
    programs.ended([str(folder / "pg_dump"), "-Fc", "-f", str(archive), source.database], environment)
    lines = programs.run(folder / "pg_restore", "-l", str(archive), env={}).split("\n")
    return {found[1] for line in lines if (found := re.match(r"\d+; \d+ \d+ ([A-Z][A-Z ]*[A-Z])(?= )", line))}


@pytest.mark.baseline
def test_a_restore_whose_workers_block_each_other_is_done_again(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    major, folder = programs.client(max(installed()))
    fake = tmp_path / "bin"
    fake.mkdir()
    script = f"""#!/bin/sh
    case "$*" in *--section=post-data*--jobs=2*) ;; *) exec {folder}/pg_restore "$@" ;; esac
    {folder}/pg_restore "$@"
    echo "pg_restore: error: could not execute query: ERROR:  deadlock detected" >&2
    exit 1
    """
    for program in folder.iterdir():
        (fake / program.name).symlink_to(program)
    (fake / "pg_restore").unlink()
    (fake / "pg_restore").write_text(script)
    (fake / "pg_restore").chmod(0o755)
    server = servers(major)
    with dropped(Destination(server.endpoint(), "source")) as source, dropped(Destination(server.endpoint(), "copy")) as into:
        _fill(source)
        shelf = in_folder(tmp_path)
        record = shelf.take(source.endpoint)
        monkeypatch.setattr(programs, "client", lambda _: (major, fake))
        done = restored(_kept(shelf, record.id), into)
    assert done.differences == ()


def _fill(source: Destination) -> None:
    with source.admin() as admin:
        admin.execute(SQL("create database {}").format(Identifier(source.database)))
    with source.endpoint.connect("plant") as connection:
        connection.execute(HOSTILE.read_bytes())
        connection.execute('drop collation if exists "Coll ation"')  # not every build here has ICU


def _kept(shelf: Shelf, made: str) -> Kept:
    return Kept(Path(shelf.place.at(made).root), shelf.rows.backups[made])


@pytest.mark.slow
@pytest.mark.baseline
def test_good_backups_while_pgbench_writes(servers: Servers, tmp_path: Path) -> None:
    major = max(installed())
    server = servers(major)
    pgbench = shutil.which("pgbench") or str(server.program("pgbench"))
    if not Path(pgbench).exists():
        pytest.skip("there is no pgbench here")
    with dropped(Destination(server.endpoint(), "bench")) as source:
        with source.admin() as admin:
            admin.execute("create database bench")
        environment = {**os.environ, **programs.environment(source.endpoint, "pgbench")}
        subprocess.run([pgbench, "-i", "-q", "-s", "2", "bench"], env=environment, check=True, capture_output=True)
        shelf = in_folder(tmp_path, "bench")
        writing = subprocess.Popen([pgbench, "-n", "-c", "2", "-T", "300", "bench"], env=environment, stdout=subprocess.DEVNULL)
        try:
            taken = [shelf.take(source.endpoint) for _ in range(EACH)]
        finally:
            writing.kill()
            writing.wait()
        assert len({record.rows for record in taken}) > 1, "it did write"
        for record in taken:
            with dropped(Destination(server.endpoint(), "copy of bench")) as into:
                assert restored(_kept(shelf, record.id), into).differences == ()
