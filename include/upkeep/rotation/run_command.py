"""Commands of the inventory that take a secret: it comes on their standard input, and what they print is never told."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, cast

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.service import RefusedError

MOST_BYTES = 64 * 1024
_DONE, _REFUSED = 0, 1
_LOOK_S = 0.05
# Nothing of Airflow's: its connections and keys are in its environment.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "TZ")


def run_command(args: Sequence[str], text: str, timeout_s: float) -> str:
    """
    The first MOST_BYTES of what it prints. What it leaves running is ended with it.

    Raises RefusedError for exit code 1, and BrokenError for any other, without what it printed.
    """
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        with _in_memory(text) as given:
            process = subprocess.Popen(  # noqa: S603 - arguments of the inventory, without a shell
                args, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd="/",
                start_new_session=True,
            )  # fmt: skip
    except OSError as error:
        raise CannotAskError(f"{args[0]} cannot be run: {error.strerror}", "install it on every worker") from None
    try:
        printed = _printed(process, time.monotonic() + timeout_s)
    except (TimeoutError, subprocess.TimeoutExpired):
        raise BrokenError(f"{args[0]} did not end within {timeout_s:g} s", retry=True) from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    _assert_done(args[0], process.returncode)
    return printed.decode(errors="replace")


def _assert_done(program: str, code: int) -> None:
    if code == _REFUSED:
        raise RefusedError(f"{program} refuses the value (exit code 1)", "run it by hand to see why")
    if code != _DONE:
        how = f"ended with {code}" if code > 0 else f"was ended by {_named(-code)}"
        raise BrokenError(f"{program} {how}", "run it by hand to see why", retry=True)


def _named(number: int) -> str:
    """Of the real-time signals only the first and the last have a name."""
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"


@contextmanager
def _in_memory(text: str) -> Iterator[int]:
    """A file that is on no disk: unlike a pipe it takes all at once, whether the command reads it or not."""
    handle = os.memfd_create("upkeep")
    try:
        os.write(handle, text.encode())
        os.lseek(handle, 0, os.SEEK_SET)
        yield handle
    finally:
        os.close(handle)


def _printed(process: "subprocess.Popen[bytes]", deadline: float) -> bytes:
    """
    What it printed until it ended, its first part alone: one that prints without end must not fill the memory.

    Something that it started and left may hold its output open: its end is enough. Raises TimeoutError or TimeoutExpired.
    """
    kept = b""
    with cast("IO[bytes]", process.stdout) as output:
        while time.monotonic() < deadline:
            ended = process.poll() is not None
            if select.select([output], [], [], _LOOK_S)[0]:
                piece = os.read(output.fileno(), MOST_BYTES)
                kept = (kept + piece)[:MOST_BYTES]
                if not piece:
                    process.wait(max(0, deadline - time.monotonic()))
                    return kept
            elif ended:
                return kept
    raise TimeoutError
