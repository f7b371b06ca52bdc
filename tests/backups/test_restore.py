"""Restores: into the same major version and newer ones, of every kind of object under hostile names; and what is refused."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

from tests.backups.world import Shelf, in_folder, quiet
from upkeep.backups.destination import Destination, marked
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
def backups(servers: Callable[[int], ScratchServer], tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], tuple[Shelf, str]]:
    """One backup of the hostile database by major version."""
    made: dict[int, tuple[Shelf, str]] = {}

    def backup(major: int) -> tuple[Shelf, str]:
        if major not in made:
            shelf = in_folder(tmp_path_factory.mktemp(f"store{major}"), f"hostile \"ä\" / {major}")
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
    assert set(done.seconds) == {"manifest", "check", "roles", "create", "restore", "finish", "compare"}
