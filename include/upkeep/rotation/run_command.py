"""Commands of the inventory that take a secret: it comes on their standard input, and what they print is never told."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.service import RefusedError

MOST_BYTES = 64 * 1024
_DONE, _REFUSED = 0, 1
# Nothing of Airflow's: its connections and keys are in its environment.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "TZ")


def run_command(args: Sequence[str], text: str, timeout_s: float) -> str:
    """What it prints. Raises RefusedError for exit code 1, and BrokenError for any other, without what it printed."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        process = subprocess.Popen(  # noqa: S603 - arguments of the inventory, without a shell
            args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd="/",
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise CannotAskError(f"{args[0]} cannot be run: {error.strerror}", "install it on every worker") from None
    return _ended(process, args[0], text, timeout_s)


def _ended(process: "subprocess.Popen[bytes]", program: str, text: str, timeout_s: float) -> str:
    try:
        printed, _ = process.communicate(text.encode(), timeout=timeout_s)
    except subprocess.TimeoutExpired:
        raise BrokenError(f"{program} did not end within {timeout_s:g} s", retry=True) from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode == _REFUSED:
        raise RefusedError(f"{program} refuses the value (exit code 1)", "run it by hand to see why")
    if process.returncode != _DONE:
        raise BrokenError(f"{program} ended with {process.returncode}", "run it by hand to see why", retry=True)
    return printed[:MOST_BYTES].decode(errors="replace")
