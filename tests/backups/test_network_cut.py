"""A worker on another machine, whose cable is cut while rows flow: told soon, with a retry, and the retry ends right."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backups.world import in_folder
from tests.netns import HERE, Elsewhere, elsewhere, reachable_server
from upkeep.backups.scratch_restore import restore_to_scratch
from upkeep.sources.scratch import ScratchServer

LOST_WITHIN_S = 90
ROWS = 2_000_000
WORKER = """
import sys
from pathlib import Path
from tests.backups.world import in_folder
from upkeep.backups.destination import Destination
from upkeep.backups.restore import Restoring
from upkeep.errors import BrokenError
from upkeep.sources import vanished
from upkeep.sources.postgres import Endpoint
vanished.ASK_EVERY_S, vanished.ANSWER_WITHIN_S = 1, 5
work, folder, host, port, password, made = sys.argv[1:]
server = Endpoint(host, int(port), "postgres", password, "postgres")
shelf = in_folder(Path(folder))

def progress(step, text=""):
    print("at", step, flush=True)

try:
    if work == "backup":
        print("made", shelf.take(server, progress).id, flush=True)
    else:
        done = Restoring(shelf.place.at(made), Destination(server, "copy of it"), progress).run()
        print("made", "proven" if done.proven else done.differences, flush=True)
except BrokenError as error:
    print("lost", error.retry, error, flush=True)
"""


@pytest.fixture
def there() -> Iterator[Elsewhere]:
    with elsewhere() as made:
        yield made


@pytest.fixture
def reachable(tmp_path: Path, there: Elsewhere) -> Iterator[ScratchServer]:
    """A server with one large table, which the other machine reaches."""
    assert there
    with reachable_server(tmp_path, wal_level="minimal", max_wal_senders="0") as made:
        with made.endpoint().connect("plant") as connection:
            rows = f"select i, repeat(md5(i::text), 8) as t from generate_series(1, {ROWS}) as i"
            connection.execute(f"create table large as {rows}".encode())
        yield made


def work(there: Elsewhere, server: ScratchServer, folder: Path, what: str, made: str = "") -> "subprocess.Popen[str]":
    return there.python(WORKER, what, str(folder), HERE, str(server.port), str(server.endpoint().password), made)


def until(worker: "subprocess.Popen[str]", start: str) -> str:
    """The rest of the first line that starts so."""
    assert worker.stdout
    messages = []
    for line in worker.stdout:
        messages.append(line)
        if line.startswith(start):
            return line.removeprefix(start).strip()
    raise AssertionError(f"it ended with {worker.wait(5)}, without a line {start!r}: {''.join(messages)}")


@pytest.mark.slow
@pytest.mark.fault
def test_a_backup_and_a_restore_without_their_cable(there: Elsewhere, reachable: ScratchServer, tmp_path: Path) -> None:
    for what, stage in (("backup", "copy"), ("restore", "rows")):
        made = "" if what == "backup" else _backup(there, reachable, tmp_path)
        worker = work(there, reachable, tmp_path, what, made)
        until(worker, f"at {stage}")
        there.cut()
        try:
            lost = until(worker, "lost")
            assert lost.startswith("True"), lost
            worker.wait(LOST_WITHIN_S)
        finally:
            worker.kill()
            there.mend()
    assert until(work(there, reachable, tmp_path, "restore", made), "made") == "proven"


def _backup(there: Elsewhere, server: ScratchServer, folder: Path) -> str:
    """The retry of the backup that was cut; the half one counts for nothing."""
    made = until(work(there, server, folder, "backup"), "made")
    shelf = in_folder(folder)
    done, _ = restore_to_scratch(shelf.place.at(made), lambda *_: None)
    assert done.differences == ()
    return made
