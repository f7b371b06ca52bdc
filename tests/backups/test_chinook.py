"""The public Chinook database: into a folder and into a real S3 server, and from both into the same and a newer major."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backups.world import Shelf, in_folder, quiet
from tests.lab import Lab, fresh_database
from tests.object_store import S3Server
from upkeep.backups.scratch_restore import restore_to_scratch
from upkeep.sources.scratch import ScratchServer, free_port, installed

DUMP = Path(__file__).parents[3] / "shared/data/chinook/chinook.sql.gz"
OLD, NEW = 17, 18
NOT_OURS = ("DROP DATABASE", "CREATE DATABASE", "\\c ")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DUMP.exists(), reason="the Chinook database is not here"),
    pytest.mark.skipif(not {OLD, NEW} <= set(installed()), reason="needs two majors"),
]


@pytest.fixture(scope="module")
def chinook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Chinook on a server of the older major."""
    folder = tmp_path_factory.mktemp("chinook")
    folder.chmod(0o755)
    server = ScratchServer(folder, free_port(), major=OLD, settings={"fsync": "off"})
    try:
        server.start()
        with fresh_database(server, "chinook") as lab:
            lines = gzip.decompress(DUMP.read_bytes()).decode().splitlines()
            lab.run("\n".join(line for line in lines if not line.startswith(NOT_OURS)))
            yield lab
    finally:
        server.remove()


@pytest.mark.parametrize("major", [OLD, NEW])
@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_chinook_comes_back_whole(chinook: Lab, s3: S3Server, tmp_path: Path, kind: str, major: int) -> None:
    shelf = in_folder(tmp_path, "chinook") if kind == "folder" else Shelf(s3.store("chinook"), target="chinook")
    record = shelf.take(chinook.endpoint)
    assert (record.rows, record.tables) == (15607, 11)
    restored, _ = restore_to_scratch(shelf.place.at(record.id), quiet, major=major)
    assert restored.differences == ()
    assert restored.server_version == major
