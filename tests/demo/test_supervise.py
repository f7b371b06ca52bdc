"""Everything that was started ends with the supervisor, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.demo.places import open_to_servers
from upkeep.demo.supervise import RESTARTS, Program, Supervisor
from upkeep.demo.watcher import members
from upkeep.sources.scratch import ScratchServer, free_port

# A program with a child that leaves its process group, as Airflow's tasks do, and that does not listen to TERM.
STUBBORN = (
    "import os, signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "subprocess.Popen([sys.executable, '-c', 'import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    " os.setpgid(0, 0); time.sleep(600)']); print('up', flush=True); time.sleep(600)"
)
SUPERVISOR = """
import signal, sys, time
from pathlib import Path
from upkeep.demo.supervise import Program, Supervisor
import os
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that put us into the background has it ignored
folder = Path(sys.argv[1])
with Supervisor(print) as supervisor:
    program = supervisor.start(Program("p", (sys.executable, "-c", sys.argv[2]), dict(os.environ), folder, folder / "log"))
    supervisor.own_server(Path(sys.argv[3]))
    print(program.process.pid, flush=True)
    time.sleep(600)
"""


def program(folder: Path, code: str) -> Program:
    return Program("p", (sys.executable, "-c", code), dict(os.environ), folder, folder / "log")


def soon(done: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.1)
    return done()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_the_supervisor_ends(tmp_path: Path, how: signal.Signals) -> None:
    open_to_servers(tmp_path)
    server = ScratchServer(tmp_path / "server", free_port())
    server.start()
    args = [sys.executable, "-c", SUPERVISOR, str(tmp_path), STUBBORN, str(server.data)]
    with subprocess.Popen(args, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        session = int(supervisor.stdout.readline())
        assert soon(lambda: len(members({session})) == 2)
        supervisor.send_signal(how)
        supervisor.wait(30)
        assert soon(lambda: not members({session}))
        assert soon(lambda: not server.running())
    assert "database system was shut down" in _started_again(server)


def test_a_program_that_dies_is_reported_and_started_again_a_few_times(tmp_path: Path) -> None:
    messages: list[str] = []
    with Supervisor(messages.append) as supervisor:
        dying = supervisor.start(program(tmp_path, "print('last words'); raise SystemExit(3)"))
        assert soon(lambda: supervisor.mend() or dying.given_up)  # type: ignore[func-returns-value]
    assert sum("ended with 3" in line and "last words" in line for line in messages) == RESTARTS + 1
    assert "not started again" in messages[-1]


def test_a_killed_watcher_is_replaced(tmp_path: Path) -> None:
    messages: list[str] = []
    with Supervisor(messages.append) as supervisor:
        kept = supervisor.start(program(tmp_path, "import time; time.sleep(600)"))
        watcher = supervisor._watcher  # noqa: SLF001 - there is no other way to hurt it
        assert watcher
        assert kept.process
        watcher.kill()
        watcher.wait(10)
        supervisor.mend()
        assert supervisor._watcher is not watcher  # noqa: SLF001 - see above
        session = kept.process.pid
    assert not members({session})
    assert any("watcher" in line for line in messages)


def _started_again(server: ScratchServer) -> str:
    server.start()
    try:
        return server.log.read_text()
    finally:
        server.remove()
