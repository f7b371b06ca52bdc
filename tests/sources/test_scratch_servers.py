"""Servers of our own: nobody else gets in, and nothing of them outlives who started them unless it is meant to."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from upkeep.backups.scratch_restore import scratch_server
from upkeep.errors import BrokenError
from upkeep.sources import scratch_folder
from upkeep.sources.scratch import ScratchServer, free_port, installed
from upkeep.sources.server_user import server_user
from upkeep.sources.watchdog import postmaster

FAST = {"fsync": "off"}
STARTER = """
import sys, time
from pathlib import Path
from upkeep.sources.scratch import ScratchServer
server = ScratchServer(Path(sys.argv[1]), int(sys.argv[2]), settings={"fsync": "off"}, outlives=sys.argv[3] == "outlives")
server.start()
print("up", flush=True)
time.sleep(600)
"""
RESTORER = """
import sys, time
from upkeep.backups.scratch_restore import scratch_server
from upkeep.sources.scratch import installed
with scratch_server(max(installed()), keep=sys.argv[1] == "keep") as server:
    print(server.folder, server.port, flush=True)
    if sys.argv[1] != "keep":
        time.sleep(600)
print("done", flush=True)
time.sleep(600)
"""


def soon(done: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.05)
    return done()


def refused(server: ScratchServer) -> bool:
    """Whether nothing listens on its port."""
    return not server._answers()  # noqa: SLF001 - the plainest look at a port


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ScratchServer]:
    tmp_path.chmod(0o755)
    made = ScratchServer(tmp_path / "server", free_port(), settings=FAST)
    yield made
    made.remove()


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temp folder of the test's own."""
    tmp_path.chmod(0o755)
    made = tmp_path / "temp"
    made.mkdir(mode=0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    monkeypatch.setenv("TMPDIR", str(made))
    return made


def begun(script: str, *args: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", script, *args], stdout=subprocess.PIPE, text=True)


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def ended(process: "subprocess.Popen[str]", how: signal.Signals = signal.SIGKILL) -> None:
    process.send_signal(how)
    process.wait(10)
    if process.stdout:
        process.stdout.close()


def test_nobody_gets_in_without_the_password(server: ScratchServer) -> None:
    server.start()
    with server.endpoint().connect("owner") as connection:
        assert connection.execute("select rolpassword like 'SCRAM%' from pg_authid where rolname = 'postgres'").fetchone() == (
            True,
        )
    for wrong in (None, "", "postgres"):
        with pytest.raises(BrokenError, match="the login was refused"):
            replace(server.endpoint(), password=wrong).connect("stranger")
    assert "trust" not in [
        word for row in (server.data / "pg_hba.conf").read_text().splitlines() if not row.startswith("#") for word in row.split()
    ]


def test_each_server_has_a_password_of_its_own_that_is_never_shown(tmp_path: Path) -> None:
    one, two = (ScratchServer(tmp_path / name, free_port()) for name in "ab")
    assert len(one.endpoint().password or "") >= 24
    assert one.endpoint().password != two.endpoint().password
    assert str(one.endpoint().password) not in repr(one) + repr(one.endpoint())


def test_its_folder_is_private(server: ScratchServer) -> None:
    server.start()
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.passfile.stat().st_mode) == 0o600
    assert not (server.folder / "password").exists()
    user = server_user()
    assert server.passfile.stat().st_uid == (user.pw_uid if user else os.geteuid())


def test_another_object_of_the_folder_finds_the_password_again(server: ScratchServer) -> None:
    server.start()
    server.stop()
    again = ScratchServer(server.folder, free_port())
    again.start()
    with again.endpoint().connect("again") as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_psql_logs_in_by_the_password_file(server: ScratchServer) -> None:
    server.start()
    args = ["-X", "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "-A", "-t", "-c", "select 42"]
    environment = {"PGPASSFILE": str(server.passfile), "PATH": ""}
    done = subprocess.run([server.program("psql"), *args], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("42", "")


def test_there_is_no_socket_beside_the_port(server: ScratchServer) -> None:
    server.start()
    with server.endpoint().connect("look") as connection:
        row = connection.execute(
            "select current_setting('unix_socket_directories'), current_setting('listen_addresses')"
        ).fetchone()
    assert row == ("", "127.0.0.1")


@pytest.mark.fault
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_is_gone_with_the_process_that_started_it(server: ScratchServer, how: signal.Signals) -> None:
    starter = begun(STARTER, str(server.folder), str(server.port), "ends with us")
    assert line(starter) == "up"
    assert server.running()
    ended(starter, how)
    assert soon(lambda: not server.running() and refused(server))
    assert not (server.data / "postmaster.pid").exists() or soon(lambda: postmaster(server.data) is None)
    server.start()
    with server.endpoint().connect("after the crash") as connection:
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.fault
def test_it_is_gone_when_its_starter_is_killed_while_it_starts(server: ScratchServer) -> None:
    server.start()
    server.stop()  # the data directory is there: from now on a start is pg_ctl alone
    for delay in (0.1, 0.2, 0.3, 0.45):
        starter = begun(STARTER, str(server.folder), str(server.port), "ends with us")
        time.sleep(delay)
        ended(starter)
        time.sleep(1.5)
        assert soon(lambda: not server.running() and refused(server)), f"killed after {delay} s"


@pytest.mark.fault
def test_one_that_is_to_outlive_its_starter_does(server: ScratchServer) -> None:
    starter = begun(STARTER, str(server.folder), str(server.port), "outlives")
    assert line(starter) == "up"
    ended(starter)
    time.sleep(1.5)
    assert server.running()


def test_stopping_and_starting_again_leaves_no_watchdog_behind(server: ScratchServer) -> None:
    for _ in range(2):
        server.start()
        assert len(_watchdogs(server)) == 1
        server.stop()
        assert _watchdogs(server) == []
    server.start()
    server.kill()
    server.start()
    assert len(_watchdogs(server)) == 1


@pytest.mark.fault
def test_a_foreign_process_with_the_servers_old_id_is_left_alone(server: ScratchServer) -> None:
    server.start()
    server.stop()
    with subprocess.Popen(["/bin/sleep", "60"], cwd="/") as other:
        (server.data / "postmaster.pid").write_text(f"{other.pid}\n{server.data}\n")
        assert not server.running()
        server.start()
        assert other.poll() is None
        other.kill()


@pytest.mark.fault
def test_the_next_start_sweeps_what_a_killed_restore_left(temp: Path) -> None:
    killed = begun(RESTORER, "sleep")
    folder, port = line(killed).split()
    ended(killed)
    left = ScratchServer(Path(folder), int(port))
    assert soon(lambda: not left.running() and refused(left))
    assert left.folder.parent == temp
    assert left.folder.exists()
    with scratch_server(max(installed())) as server:
        assert not left.folder.exists()
        assert server.running()
    assert list(temp.iterdir()) == []


@pytest.mark.fault
def test_a_server_that_lost_its_watchdog_too_is_swept(temp: Path) -> None:
    killed = begun(RESTORER, "sleep")
    folder, port = line(killed).split()
    left = ScratchServer(Path(folder), int(port))
    for pid in _watchdogs(left):
        os.kill(pid, signal.SIGKILL)
    ended(killed)
    time.sleep(0.5)
    assert left.running()
    assert [path for path in scratch_folder.sweep(left.data.stat().st_uid) if path.parent == temp] == [left.folder]
    assert not left.folder.exists()
    assert refused(left)


@pytest.mark.fault
def test_the_folder_of_a_live_process_is_not_swept(temp: Path) -> None:
    alive = begun(RESTORER, "sleep")
    folder, port = line(alive).split()
    with scratch_server(max(installed())):
        pass
    other = ScratchServer(Path(folder), int(port))
    assert temp in other.folder.parents
    assert other.running()
    ended(alive)
    assert soon(lambda: not other.running())


@pytest.mark.fault
def test_a_kept_one_stays_and_is_never_swept(temp: Path) -> None:
    keeper = begun(RESTORER, "keep")
    folder, port = line(keeper).split()
    assert line(keeper) == "done"
    ended(keeper)
    kept = ScratchServer(Path(folder), int(port), superuser="upkeep_restore")
    try:
        assert scratch_folder.sweep(kept.data.stat().st_uid) == []
        time.sleep(1)
        with kept.endpoint().connect("look") as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert temp in kept.folder.parents
    finally:
        kept.remove()


def test_what_goes_wrong_inside_leaves_nothing_even_with_keep(temp: Path) -> None:
    with suppress(ZeroDivisionError), scratch_server(max(installed()), keep=True):
        _ = 1 / 0
    assert list(temp.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of another user")
def test_a_folder_of_a_stranger_is_not_touched(temp: Path) -> None:
    trap = temp / f"{scratch_folder.PREFIX}trap"
    (trap / "data").mkdir(parents=True)
    with subprocess.Popen(["/bin/sleep", "60"], cwd=trap / "data") as victim:
        (trap / "data/postmaster.pid").write_text(f"{victim.pid}\n")
        os.chown(trap, 12345, 12345)
        link = temp / f"{scratch_folder.PREFIX}link"
        link.symlink_to("/")
        assert scratch_folder.sweep() == []
        assert victim.poll() is None
        victim.kill()
    assert trap.exists()
    shutil.rmtree(trap)


def _watchdogs(server: ScratchServer) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            args = path.read_bytes().split(b"\0")
            if b"watchdog.py" in b" ".join(args) and str(server.data).encode() in args:
                found.append(int(path.parent.name))
    return found
