"""Asking other backup tools: what they print, or what their hosts printed into a file."""

import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.backup_listing import from_epoch

TIMEOUT_S = 120


def printed(tool: str, words: Sequence[str]) -> tuple[str, str, int]:
    """
    Standard output, standard error and exit code of one of these programs.

    Raises CannotAskError when it is not installed here, BrokenError when it does not end.
    """
    program = shutil.which(words[0])
    if program is None:
        raise CannotAskError(
            f"{tool} is not installed where this task runs, so that its backups cannot be listed",
            f"install {words[0]} here, or have its host print the JSON into a file and name that file as backup.report",
        )
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; its words come from the validated inventory
            [program, *words[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BrokenError(f"{' '.join(words)} did not end within {TIMEOUT_S} s", retry=True) from error
    except OSError as error:
        raise BrokenError(f"{' '.join(words)} could not be started: {error}", retry=False) from error
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
