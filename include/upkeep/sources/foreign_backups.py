"""Other backup tools: what they print, what their hosts printed into a file, and a restore by them."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.backup_listing import from_epoch
from upkeep.sources.server_user import as_server

TIMEOUT_S = 120
# A tool may be told by its environment where its repository is; nothing else of ours is its business.
_TOLD = ("PGBACKREST_", "BARMAN_", "AWS_", "AZURE_", "GOOGLE_")


class NotRestoredError(BrokenError):
    """The tool was there, and could not restore."""


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a restore goes: `data` is a new folder of ours, `tablespaces` the one that holds every tablespace."""

    data: Path
    tablespaces: Path
    jobs: int = 2


def environment() -> dict[str, str]:
    """What a tool, and a server that has it fetch WAL, are told of our environment."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"} or name.startswith(_TOLD)}
    return {"LC_ALL": "C.UTF-8", "TZ": "UTC", **kept}


def program_of(tool: str, name: str) -> str:
    """The whole path of a tool's program. Raises CannotAskError when it is not here."""
    program = shutil.which(name)
    if program is None:
        reason = f"{tool} is not installed where this task runs, so that its backups cannot be restored here"
        raise CannotAskError(reason, f"install {name} on the workers of queue heavy, with access to its repository")
    return program


def carry_out(tool: str, args: Sequence[str], landing: Landing) -> str:
    """
    Let a tool restore, as the user that the scratch server runs as. It ends with us, and a rerun uses another folder.

    Gives what it printed. Raises NotRestoredError with its last words.
    """
    setpriv = shutil.which("setpriv")
    ending = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
    try:
        done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 - words of the validated inventory and of its listing
            [*ending, *args],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment(),
            cwd=landing.data.parent,
            check=False,
            **as_server(),
        )
    except OSError as error:
        raise NotRestoredError(f"{tool} could not be started: {error}", "run it by hand", retry=False) from error
    if done.returncode:
        output = " ".join((done.stderr.strip() or done.stdout).split())[-400:]
        raise NotRestoredError(f"{tool} ended with {done.returncode}: {output}", "run it by hand as the same user", retry=False)
    return done.stdout


def printed(tool: str, args: Sequence[str]) -> tuple[str, str, int]:
    """
    Standard output, standard error and exit code of one of these programs.

    Raises CannotAskError when it is not installed here, BrokenError when it does not end.
    """
    program = shutil.which(args[0])
    if program is None:
        raise CannotAskError(
            f"{tool} is not installed where this task runs, so that its backups cannot be listed",
            f"install {args[0]} here, or have its host print the JSON into a file and name that file as backup.report",
        )
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; its words come from the validated inventory
            [program, *args[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BrokenError(f"{' '.join(args)} did not end within {TIMEOUT_S} s", retry=True) from error
    except OSError as error:
        raise BrokenError(f"{' '.join(args)} could not be started: {error}", retry=False) from error
    return done.stdout, done.stderr, done.returncode


def reported(tool: str, path: str) -> tuple[str, datetime]:
    """The text of a report file and when it was written. Raises BrokenError when it cannot be read."""
    file = Path(path)
    try:
        return file.read_text(encoding="utf-8", errors="replace"), from_epoch(file.stat().st_mtime)
    except OSError as error:
        raise BrokenError(
            f"the report of {tool} at {path} cannot be read: {error.strerror or error}",
            "see that its host writes it there and that this machine may read it",
            retry=not isinstance(error, PermissionError),
        ) from error
