"""A small folder on the local disk for one piece of work: definitions pass through it, rows never do."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upkeep.errors import BrokenError
from upkeep.sources.scratch_folder import locked, sweep

PREFIX = "upkeep-backup-"
_TRIES, _PAUSE_S = 20, 0.05


@contextmanager
def local_folder(owner: str) -> Iterator[Path]:
    """
    An empty one, locked while it is used. `owner` names what only one process does at a time, as by a claim.

    What killed runs left is removed, under whatever name. Raises BrokenError when none can be made.
    """
    sweep(prefix=PREFIX)
    folder = Path(tempfile.gettempdir()) / f"{PREFIX}{hashlib.sha256(owner.encode()).hexdigest()[:12]}"
    lock = _made(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _made(folder: Path) -> int:
    """Its lock. Another process that sweeps may take it for abandoned before we have locked it: then it is made again."""
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        except OSError as error:
            raise _no_folder(error.strerror) from error
        lock = locked(folder)
        if lock is not None:
            return lock
        time.sleep(_PAUSE_S)
    raise _no_folder("another process removes it")


def _no_folder(why: str | None) -> BrokenError:
    return BrokenError(
        f"no local folder for the definitions in {tempfile.gettempdir()}: {why}",
        "make room there (a few MB), or set TMPDIR of the worker",
        retry=True,
    )
