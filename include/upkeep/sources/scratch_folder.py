"""Private folders in the temp folder, one for each scratch server; what killed processes left there is swept by the next."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upkeep.errors import BrokenError
from upkeep.sources.watchdog import stop_at_once

PREFIX = "upkeep-scratch-"
_KEPT = "kept"
_TRIES = 10


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """
    A new folder that only we may enter. It is ours while this process lives, and is removed at the end unless it was kept.

    The folder itself is locked, so that the lock ends with us and holds between containers that share a temp folder.
    """
    folder, lock = _made()
    try:
        yield folder
    finally:
        if not (folder / _KEPT).exists():
            shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def keep(folder: Path) -> None:
    """Leave this folder to a person: nothing of ours removes it."""
    (folder / _KEPT).touch()


def sweep(*owners: int, prefix: str = PREFIX) -> list[Path]:
    """
    Stop the servers and remove the folders of processes that are gone; never those that were kept.

    Only folders of ours or of `owners` (user ids) count, whose names begin with `prefix`: in a temp folder anybody may make one
    with such a name.
    """
    mine = {os.geteuid(), *owners}
    found = Path(tempfile.gettempdir()).glob(f"{prefix}*")
    return [folder for folder in found if _is_folder_of(folder, mine) and _removed(folder)]


def _removed(folder: Path) -> bool:
    lock = locked(folder)
    if lock is None:
        return False
    try:
        if (folder / _KEPT).exists():
            return False
        stop_at_once(folder / "data")
        shutil.rmtree(folder, ignore_errors=True)
        return True
    finally:
        os.close(lock)


def _made() -> tuple[Path, int]:
    for _ in range(_TRIES):
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = locked(folder)
        if lock is not None:
            return folder, lock
    raise BrokenError(f"no folder can be made and locked in {tempfile.gettempdir()}", "see its file system", retry=True)


def locked(folder: Path) -> int | None:
    """The folder's lock, or None when another process has it or has removed the folder."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    with contextlib.suppress(OSError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.stat().st_ino == os.fstat(lock).st_ino:
            return lock
    os.close(lock)
    return None


def _is_folder_of(folder: Path, users: set[int]) -> bool:
    try:
        return not folder.is_symlink() and folder.is_dir() and folder.stat().st_uid in users
    except OSError:
        return False
