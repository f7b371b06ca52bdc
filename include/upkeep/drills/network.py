"""Shutting a drill's programs off from the network, where this machine lets us."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

_TRY_S = 10
WHY_NOT = "this worker may not shut a program off from the network (unshare --net)"


@cache
def shut_off() -> tuple[str, ...] | None:
    """
    The words before a program that give it a network of its own with nothing in it; None where the machine does not let us.

    Files and the sockets among them stay reachable, so that the drill's server is.
    """
    unshare = shutil.which("unshare")
    own = () if os.geteuid() == 0 else ("--user", "--map-current-user")
    args = (str(unshare), *own, "--net", "--")
    return args if unshare and _works(args) else None


def _works(args: tuple[str, ...]) -> bool:
    """Whether it can be done, and leaves nothing but a loopback that is down."""
    program = shutil.which("cat")
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            [*args, str(program), "/proc/net/dev"], capture_output=True, check=False, timeout=_TRY_S, cwd=Path("/")
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    devices = [line.split(b":")[0].strip() for line in done.stdout.splitlines() if b":" in line]
    return done.returncode == 0 and devices in ([], [b"lo"])
