"""checksum_failures: a page that is really damaged on disk."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.conftest import FULL
from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.checksum_failures import checksum_failures
from upkeep.sources.scratch import ScratchServer, free_port


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Lab]:
    """A server of our own, which may be damaged."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    server = ScratchServer(tmp_path / "own", free_port(), major=FULL, settings={"autovacuum": "off", "fsync": "off"})
    server.start()
    yield Lab(server, "postgres", ExitStack())
    server.remove()


@pytest.mark.baseline
def test_an_intact_server(lab: Lab) -> None:
    answer = lab.ask(checksum_failures)
    assert answer.status is Status.OK
    assert answer.summary == "0 pages failed their checksum in 0 databases"


@pytest.mark.near_miss
def test_damage_that_nobody_has_read(own: Lab) -> None:
    damage(own)
    assert own.ask(checksum_failures).status is Status.OK


@pytest.mark.fault
def test_a_damaged_page_that_was_read(own: Lab) -> None:
    damage(own)
    with pytest.raises(psycopg.errors.DataCorrupted):
        own.run("select count(*) from damaged")
    answer = own.ask(checksum_failures)
    assert rules(answer) == [("checksum_failure", "postgres")]
    assert answer.worst is Severity.CRITICAL


@pytest.mark.fault
def test_a_server_without_checksums(own: Lab) -> None:
    own.server.stop()
    owner = own.server.data.stat()
    command = [str(own.server.program("pg_checksums")), "--disable", "-D", str(own.server.data)]
    subprocess.run(command, check=True, user=owner.st_uid, group=owner.st_gid, extra_groups=[], capture_output=True)
    own.server.start()
    answer = own.ask(checksum_failures)
    assert rules(answer) == [("checksums_off", "data_checksums")]
    assert answer.worst is Severity.LOW


def damage(lab: Lab) -> None:
    """Write a few wrong bytes into the first page of a table while the server is down."""
    lab.run("create table damaged as select generate_series(1, 100) as id")
    path = lab.server.data / lab.value("select pg_relation_filepath('damaged')")
    lab.server.stop()
    with path.open("r+b") as page:
        page.seek(4000)
        page.write(b"damage")
    lab.server.start()
