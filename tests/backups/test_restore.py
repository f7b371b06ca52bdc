"""Restores: into the same major version and newer ones, of every kind of object under hostile names; and what is refused."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

from tests.backups.world import Shelf, in_folder, quiet
from upkeep.backups import marks
from upkeep.backups.destination import Destination
from upkeep.backups.manifest import DamagedError
from upkeep.backups.restore import Restored, Restoring
from upkeep.backups.roles import Roles
from upkeep.backups.scratch_restore import restore_to_scratch
from upkeep.errors import BrokenError
from upkeep.sources.objects import open_store
from upkeep.sources.scratch import ScratchServer, free_port, installed

HOSTILE = Path(__file__).with_name("hostile.sql")
NAME = 'host\'ile "ä" \\ db'
NEWEST = max(installed())


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], ScratchServer]]:
    """Servers by major version, started when first asked for, each with the hostile database."""
    made: dict[int, ScratchServer] = {}

    def server(major: int) -> ScratchServer:
        if major not in made:
            folder = tmp_path_factory.mktemp(f"source{major}")
            folder.chmod(0o755)
            settings = {"fsync": "off", "wal_level": "logical", "autovacuum": "off"}
            made[major] = ScratchServer(folder, free_port(), major=major, settings=settings)
            made[major].start()
            with made[major].endpoint().connect("plant") as admin:
                admin.execute(SQL("create database {}").format(Identifier(NAME)))
            with made[major].endpoint(NAME).connect("plant") as connection:
                connection.execute(HOSTILE.read_bytes())
                connection.execute('drop collation if exists "Coll ation"')  # not every build here has ICU
        return made[major]

    yield server
    for each in made.values():
        each.remove()


@pytest.fixture(scope="module")
def backups(
    servers: Callable[[int], ScratchServer], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[int], tuple[Shelf, str]]:
    """One backup of the hostile database by major version."""
    made: dict[int, tuple[Shelf, str]] = {}

    def backup(major: int) -> tuple[Shelf, str]:
        if major not in made:
            shelf = in_folder(tmp_path_factory.mktemp(f"store{major}"), f'hostile "ä" / {major}')
            made[major] = shelf, shelf.take(servers(major).endpoint(NAME)).id
        return made[major]

    return backup


Backups = Callable[[int], tuple[Shelf, str]]
Servers = Callable[[int], ScratchServer]


def restore(backups: Backups, into: Destination, major: int = NEWEST, **more: object) -> Restored:
    shelf, made = backups(major)
    given: dict[str, object] = {"registry": shelf.rows, **more}
    return Restoring(shelf.place.at(made), into, quiet, **given).run()  # type: ignore[arg-type] # tests name fields


@pytest.mark.parametrize(("old", "new"), [(15, 15), (15, 18), (16, 16), (17, 18), (18, 18)])
@pytest.mark.parametrize("jobs", [1, 3])
def test_everything_comes_back_into_a_scratch_server(backups: Backups, old: int, new: int, jobs: int) -> None:
    if not {old, new} <= set(installed()):
        pytest.skip("this machine lacks one of the versions")
    shelf, made = backups(old)
    done, server = restore_to_scratch(shelf.place.at(made), quiet, major=new, jobs=jobs)
    assert done.differences == ()
    assert [line for line in done.uncertain if not line.startswith("left out")] == []
    assert (done.server_version, server) == (new, None)
    assert set(done.seconds) == {
        "manifest", "check", "roles", "create", "fetch", "definitions", "rows", "indexes", "finish", "compare",
    }  # fmt: skip


@pytest.fixture
def destination(servers: Servers, request: pytest.FixtureRequest) -> Iterator[Destination]:
    """A database of the newest server that is not there yet; dropped at the end."""
    made = Destination(servers(NEWEST).endpoint(), f'copy\'s "ö" {request.node.name}'[:50])
    yield made
    with made.admin() as admin:
        admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(made.database)))


def put(destination: Destination, comment: str | None = None, *statements: str) -> None:
    with destination.admin() as admin:
        name = Identifier(destination.database)
        admin.execute(SQL("create database {} template template0").format(name))
        admin.execute(SQL("comment on database {} is {}").format(name, comment))
    with destination.endpoint.connect("put") as connection:
        for statement in statements:
            connection.execute(statement.encode())


def comment_of(destination: Destination) -> str | None:
    with destination.admin() as admin:
        found = admin.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", [destination.database]
        ).fetchone()
    return found[0] if found else None


def test_into_a_database_that_is_not_there(backups: Backups, destination: Destination) -> None:
    done = restore(backups, destination)
    assert done.differences == ()
    shelf, made = backups(NEWEST)
    row = shelf.rows.restorations(shelf.target)[0]
    assert (row.state, row.backup_id, row.differences, row.rows) == ("proven", made, (), done.rows)
    assert comment_of(destination) == 'a database\'s "comment"'


def test_into_an_empty_one(backups: Backups, destination: Destination) -> None:
    put(destination, "mine")
    assert restore(backups, destination).differences == ()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("create table t ()", "table public.t"),
        ("create function f() returns int language sql as 'select 1'", "function public.f()"),
        ("create schema s", "schema s"),
        ("create domain d as int", "type public.d"),
        ("select lo_create(0)", "large object"),
    ],
)
def test_a_database_with_anything_in_it_is_refused_and_stays(
    backups: Backups, destination: Destination, statement: str, named: str
) -> None:
    put(destination, "mine", statement)
    with pytest.raises(BrokenError, match="is not empty: it has") as refused:
        restore(backups, destination)
    shelf, _ = backups(NEWEST)
    assert shelf.rows.restorations(shelf.target)[0].state == "refused", "it says nothing about the backup"
    assert named in str(refused.value)
    with destination.session() as connection:
        connection.execute(b"select 1")


@pytest.mark.parametrize("last", ["create", "definitions", "rows", "indexes", "finish", "compare"])
def test_what_a_killed_restore_left_is_made_again_and_nothing_else(backups: Backups, destination: Destination, last: str) -> None:
    shelf, made = backups(NEWEST)

    def stop(step: str, text: str = "") -> None:
        assert text is not None
        if step == last:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Restoring(shelf.place.at(made), destination, stop).run()
    again = Destination(destination.server, destination.database)
    assert restore(backups, again).differences == ()
    with pytest.raises(BrokenError, match="is not empty"):
        restore(backups, again)


def test_a_row_that_a_killed_restore_left_running_is_marked_failed(backups: Backups, destination: Destination) -> None:
    shelf, _ = backups(NEWEST)
    restore(backups, destination)
    left = replace(shelf.rows.restorations(shelf.target)[0], id="left", state="running", finished_at=None)
    shelf.rows.put_restoration(left)
    with pytest.raises(BrokenError):
        restore(backups, destination)
    assert shelf.rows.restores["left"].state == "failed"


def test_an_older_server_is_refused(backups: Backups, servers: Servers) -> None:
    with pytest.raises(BrokenError, match=f"is PostgreSQL 15; the backup is of {NEWEST}"):
        restore(backups, Destination(servers(15).endpoint(), "copy"))


def test_an_extension_that_is_missing_is_said_before_anything_is_done(backups: Backups, servers: Servers) -> None:
    into = Destination(servers(16).endpoint(), "copy")
    with pytest.raises(BrokenError, match="lacks citext, hstore, pg_stat_statements, pg_trgm"):
        restore(backups, into, 15)
    with into.admin() as admin:
        assert admin.execute("select 1 from pg_database where datname = 'copy'").fetchone() is None


def test_everything_may_belong_to_one(backups: Backups, destination: Destination) -> None:
    done = restore(backups, destination, roles=Roles(no_owner=True))
    assert done.differences == ()
    with destination.session() as connection:
        owners = connection.execute("select distinct pg_get_userbyid(relowner) from pg_class where oid >= 16384").fetchall()
    assert owners == [("postgres",)]


def test_roles_are_mapped_with_what_they_owned_and_were_granted(backups: Backups, tmp_path: Path) -> None:
    shelf, made = backups(15)
    (tmp_path / "s").mkdir()
    tmp_path.chmod(0o755)
    other = ScratchServer(tmp_path / "s", free_port(), major=15, settings={"fsync": "off", "wal_level": "logical"})
    try:
        other.start()
        into = Destination(other.endpoint(), "copy")
        with into.admin() as admin:
            admin.execute("create role heir")
        mapped = {'O\'Brien "ä"': "heir"}
        done = Restoring(shelf.place.at(made), into, quiet, roles=Roles(mapped)).run()
        assert [line for line in done.differences if "default privileges" not in line] == []
        with into.session() as connection:
            roles = {row[0] for row in connection.execute("select rolname from pg_roles where rolname !~ '^pg_'")}
            assert roles == {"postgres", "heir", "app", "Tab\tand space"}
            logins = connection.execute("select rolname from pg_roles where rolcanlogin").fetchall()
            assert logins == [("postgres",)]
    finally:
        other.remove()


def test_an_encrypted_backup_needs_its_key(servers: Servers, tmp_path: Path) -> None:
    pyrage = pytest.importorskip("pyrage")
    mine, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    shelf = in_folder(tmp_path, "encrypted")
    made = shelf.take(servers(NEWEST).endpoint(NAME), encrypt_to=[str(mine.to_public())]).id
    done, _ = restore_to_scratch(shelf.place.at(made), quiet, keys=[f"# created\n{mine}\n"])
    assert done.differences == ()
    with pytest.raises(BrokenError, match="none of the keys opens"):
        restore_to_scratch(shelf.place.at(made), quiet, keys=[str(other)])
    with pytest.raises(BrokenError, match="is encrypted"):
        restore_to_scratch(shelf.place.at(made), quiet)
    with pytest.raises(BrokenError, match="no age private key"):
        restore_to_scratch(shelf.place.at(made), quiet, keys=["AGE-SECRET-KEY-oops"])


@pytest.mark.parametrize("damage", ["cut", "flipped", "swapped", "gone", "empty", "longer"])
@pytest.mark.parametrize("which", ["rows", "large", "definitions"])
def test_a_damaged_object_is_named_and_the_copy_stays_marked(
    backups: Backups, destination: Destination, damage: str, which: str, tmp_path: Path
) -> None:
    shelf, made = backups(NEWEST)
    folder = tmp_path / made
    shutil.copytree(shelf.place.at(made).root, folder)
    files = sorted((folder / "rows").glob("*.zst"), key=lambda path: path.stat().st_size)
    path = {"rows": files[-1], "large": folder / "large_objects.dump.zst", "definitions": folder / "definitions.dump.zst"}[which]
    whole = path.read_bytes()
    middle = len(whole) // 2
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {
                "cut": whole[:middle],
                "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
                "swapped": (folder / "globals.sql.zst").read_bytes(),
                "empty": b"",
                "longer": whole + b"x",
            }[damage]
        )
    with pytest.raises((DamagedError, BrokenError), match=path.name):
        Restoring(open_store(folder.as_uri()), destination, quiet, jobs=2).run()
    mark = marks.parse(comment_of(destination))
    assert mark is not None
    assert (mark.backup_id, mark.whole) == (made, False)


def test_a_damaged_manifest_is_a_failed_restore(backups: Backups, destination: Destination, tmp_path: Path) -> None:
    shelf, made = backups(NEWEST)
    folder = tmp_path / "a%20shop" / made
    shutil.copytree(shelf.place.at(made).root, folder)
    (folder / "manifest.json").write_bytes(b"[]")
    with pytest.raises(DamagedError, match="is no manifest"):
        Restoring(open_store(f"file://{folder}"), destination, quiet, registry=shelf.rows).run()
    (row,) = shelf.rows.restorations("a shop")
    assert (row.state, row.backup_id) == ("failed", made)


def test_two_restores_into_scratch_at_once_do_not_meet(backups: Backups) -> None:
    from concurrent.futures import ThreadPoolExecutor

    shelf, made = backups(NEWEST)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(restore_to_scratch, shelf.place.at(made), quiet) for _ in range(2)]
    assert [each.result()[0].differences for each in both] == [(), ()]
