"""
Stops one PostgreSQL server when the process that started it is gone. Run as a program, with the standard library alone.

That process holds the other end of standard input and writes a word when something changes: "starting", "running", "released".
When the pipe closes, after a SIGKILL too, the server is stopped as in a power cut; after "released" it is left alone.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

# A server that was being started when its owner died may come up for so long yet.
STARTING_S = 20.0
_AT_ONCE_S = 6.0


def main() -> None:
    """Wait until the owner is gone or releases the server whose data directory is the first argument."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    data, word = Path(sys.argv[1]), "starting"
    for line in sys.stdin:
        word = line.strip()
        if word == "released":
            return
    if word == "starting":
        _within(STARTING_S, lambda: postmaster(data) is not None or not data.exists())
    stop_at_once(data)


def stop_at_once(data: Path) -> None:
    """End the server of this data directory as a power cut would, and wait until it is gone."""
    pid = postmaster(data)
    for what in (signal.SIGQUIT, signal.SIGKILL):
        if pid is None or postmaster(data) != pid:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, what)
        _within(_AT_ONCE_S, lambda: postmaster(data) != pid)


def postmaster(data: Path) -> int | None:
    """Process id of the live server of this data directory; none when another program has that id by now."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
    except (OSError, IndexError, ValueError):
        return None
    return None if _is_zombie(pid) or _works_elsewhere(pid, data) else pid


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def _works_elsewhere(pid: int, data: Path) -> bool:
    """A server works in its data directory. Where that cannot be seen, the id is believed."""
    try:
        return not Path(f"/proc/{pid}/cwd").samefile(data)
    except OSError:
        return False


def _within(seconds: float, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.05)


if __name__ == "__main__":
    main()
