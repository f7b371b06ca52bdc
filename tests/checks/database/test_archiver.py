"""archiver: an archive that works, fails, recovers and stands still."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import FULL
from tests.lab import Lab, rules
from tests.replica import standby_of, wait_until
from upkeep.answer import Severity, Status
from upkeep.checks.database.archiver import archiver
from upkeep.sources.scratch import ScratchServer, free_port


@pytest.fixture(scope="module")
def archiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchServer]:
    """A server of our own with archive_mode on."""
    folder = tmp_path_factory.mktemp("archiving")
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o755)
    settings = {"archive_mode": "on", "archive_command": "/bin/true", "fsync": "off"}
    server = ScratchServer(folder / "own", free_port(), major=FULL, settings=settings)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def own(archiving: ScratchServer) -> Iterator[Lab]:
    """The server with its counters at zero, and an archive that works again afterwards."""
    lab = Lab(archiving, "postgres", ExitStack())
    lab.run("select pg_stat_reset_shared('archiver')")
    yield lab
    command(lab, "/bin/true")
    switch(lab)
    wait_until(archiving, "select last_archived_time > coalesce(last_failed_time, '-infinity') from pg_stat_archiver")


def command(lab: Lab, text: str) -> None:
    """Set archive_command."""
    lab.run(f"alter system set archive_command = '{text}'")
    lab.run("select pg_reload_conf()")
    wait_until(lab.server, f"select current_setting('archive_command') = '{text}'")


def switch(lab: Lab) -> None:
    """Finish a WAL segment."""
    lab.run("select pg_logical_emit_message(false, 'test', 'x')")
    lab.run("select pg_switch_wal()")


@pytest.mark.baseline
def test_an_archive_that_works(own: Lab) -> None:
    switch(own)
    wait_until(own.server, "select archived_count > 0 from pg_stat_archiver")
    answer = own.ask(archiver)
    assert answer.status is Status.OK
    assert "0 failures" in answer.summary


@pytest.mark.near_miss
def test_a_failure_that_it_got_over(own: Lab) -> None:
    command(own, "/bin/false")
    switch(own)
    wait_until(own.server, "select failed_count > 0 from pg_stat_archiver")
    command(own, "/bin/true")
    switch(own)
    wait_until(own.server, "select last_archived_time > last_failed_time from pg_stat_archiver")
    assert own.ask(archiver).status is Status.OK


@pytest.mark.near_miss
def test_nothing_to_archive_yet(own: Lab) -> None:
    assert own.ask(archiver).status is Status.OK


@pytest.mark.fault
def test_a_command_that_fails(own: Lab) -> None:
    switch(own)
    wait_until(own.server, "select archived_count > 0 from pg_stat_archiver")
    command(own, "/bin/false")
    switch(own)
    wait_until(own.server, "select failed_count > 0 from pg_stat_archiver")
    answer = own.ask(archiver)
    assert rules(answer) == [("archiving_fails", "archiver")]
    assert answer.worst is Severity.HIGH
    assert own.ask(archiver, failing_minutes=0).worst is Severity.CRITICAL
    assert own.ask(archiver, waiting=0).worst is Severity.CRITICAL


@pytest.mark.fault
def test_a_command_that_is_not_set(own: Lab) -> None:
    command(own, "")
    answer = own.ask(archiver)
    assert rules(answer) == [("archiving_unset", "archiver")]
    assert answer.worst is Severity.HIGH


@pytest.mark.fault
def test_an_archive_that_never_began(own: Lab) -> None:
    assert rules(own.ask(archiver, silent_hours=0)) == [("archiving_silent", "archiver")]


@pytest.mark.fault
def test_segments_that_wait(own: Lab) -> None:
    switch(own)
    wait_until(own.server, "select archived_count > 0 from pg_stat_archiver")
    command(own, "sleep 3")
    switch(own)
    switch(own)
    answer = own.ask(archiver, waiting=0)
    assert rules(answer) == [("archiving_behind", "archiver")]


def test_a_replica_archives_after_promotion_only(archiving: ScratchServer, tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    with standby_of(archiving, tmp_path / "standby") as standby:
        answer = Lab(standby, "postgres", ExitStack()).ask(archiver)
    assert answer.status is Status.OK
    assert "replica" in answer.summary


@pytest.mark.fault
def test_no_archive_at_all(lab: Lab) -> None:
    answer = lab.ask(archiver)
    assert rules(answer) == [("archiving_off", "archiver")]
    assert answer.worst is Severity.LOW
    assert lab.ask(archiver, required=True).worst is Severity.HIGH
