"""Watchdogs of the servers that this process started: each server ends when the process does, whatever becomes of its objects."""

import contextlib
import subprocess
import sys
from pathlib import Path

from upkeep.sources import watchdog

_GUARDS: dict[Path, "subprocess.Popen[bytes]"] = {}


def guard(data: Path) -> None:
    """Have a watchdog for the server of this data directory, which is about to be started."""
    here = _GUARDS.get(data)
    if here is None or here.poll() is not None:
        args = [sys.executable, "-I", "-S", str(Path(watchdog.__file__)), str(data)]
        quiet = subprocess.DEVNULL
        _GUARDS[data] = subprocess.Popen(  # noqa: S603 - our own program
            args, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, cwd="/", start_new_session=True
        )
    _tell(data, "starting")


def started(data: Path) -> None:
    """Say that the server is up: from now on it is stopped the moment that this process ends."""
    _tell(data, "running")


def release(data: Path) -> None:
    """Let the server outlive this process, or forget one that was stopped."""
    _tell(data, "released")
    here = _GUARDS.pop(data, None)
    if here is None:
        return
    if here.stdin:
        with contextlib.suppress(OSError):
            here.stdin.close()
    here.wait()


def _tell(data: Path, word: str) -> None:
    here = _GUARDS.get(data)
    if here and here.stdin:
        with contextlib.suppress(OSError):
            here.stdin.write(f"{word}\n".encode())
            here.stdin.flush()
