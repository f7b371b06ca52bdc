"""A small folder on the local disk for one piece of work: definitions pass through it, rows never do."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upkeep.errors import BrokenError


@contextmanager
def local_folder(owner: str) -> Iterator[Path]:
    """An empty one. `owner` names what only one process does at a time, as by a claim; what a killed run left is removed."""
    folder = Path(tempfile.gettempdir()) / f"upkeep-backup-{hashlib.sha256(owner.encode()).hexdigest()[:12]}"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise BrokenError(
            f"no local folder for the definitions in {tempfile.gettempdir()}: {error.strerror}",
            "make room there (a few MB), or set TMPDIR of the worker",
            retry=True,
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
