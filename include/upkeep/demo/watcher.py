"""
Ends everything the demo started, however the demo ends.

The demo holds the other end of this process's standard input. It writes a line for whatever it starts; when the pipe closes,
because the demo is done, was interrupted, or was killed with SIGKILL, everything named so far is ended: first the programs (with
all their descendants, found by session), then the PostgreSQL servers, in fast mode, so that their data needs no recovery.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

GRACE_S = 8.0
SERVER_GRACE_S = 20.0


def main() -> None:
    """Read `session N`, `forget N` and `server FOLDER` lines until the pipe closes, then end them."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    sessions: set[int] = set()
    servers: list[Path] = []
    for line in sys.stdin:
        word, _, rest = line.rstrip("\n").partition(" ")
        match word:
            case "session":
                sessions.add(int(rest))
            case "forget":
                sessions.discard(int(rest))
            case "server":
                servers.append(Path(rest))
    end_sessions(sessions)
    end_servers(servers)


def end_sessions(sessions: Iterable[int], grace_s: float = GRACE_S) -> None:
    """TERM to the leaders, time to finish, then KILL to whatever is left of their sessions."""
    wanted = set(sessions)
    for leader in wanted & set(members(wanted)):
        _send(leader, signal.SIGTERM)
    if not _within(grace_s, lambda: not members(wanted)):
        for pid in members(wanted):
            _send(pid, signal.SIGKILL)
        _within(2, lambda: not members(wanted))


def end_servers(folders: Iterable[Path]) -> None:
    """Fast shutdown of every server (data folders), all at once; immediate shutdown for one that takes too long."""
    running = {folder: pid for folder in folders if (pid := _postmaster(folder))}
    for pid in running.values():
        _send(pid, signal.SIGINT)
    if not _within(SERVER_GRACE_S, lambda: not any(map(_alive, running.values()))):
        for pid in running.values():
            _send(pid, signal.SIGQUIT)
        _within(5, lambda: not any(map(_alive, running.values())))


def members(sessions: set[int]) -> list[int]:
    """Live processes of these sessions. Where there is no /proc (macOS), only their leaders are seen."""
    if not Path("/proc/self/stat").exists():
        return [leader for leader in sessions if _alive(leader)]
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        state, session = _stat(folder)
        if session in sessions and state not in {"Z", "X"}:
            found.append(int(folder.name))
    return found


def _stat(folder: Path) -> tuple[str, int]:
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "X", 0
    return fields[0], int(fields[3])


def _postmaster(folder: Path) -> int | None:
    try:
        pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, IndexError, ValueError):
        return None
    return pid if _alive(pid) else None


def _alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}")
    if Path("/proc/self/stat").exists():
        return _stat(stat)[0] not in {"Z", "X"}
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _send(pid: int, what: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


if __name__ == "__main__":
    main()
