"""Folders in which a worker keeps what any worker can make anew, for its user alone."""

import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upkeep.errors import BrokenError

_WAIT_S = 1800


def private_folder(setting: str, name: str) -> Path:
    """
    The folder that an environment variable names, else one of this user in the temp folder, called by `name`.

    Raises BrokenError when it is another's, or others may write there: what lies in it would be theirs to choose.
    """
    folder = Path(os.environ.get(setting) or Path(tempfile.gettempdir()) / f"{name}-{os.geteuid()}")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = folder.lstat()
    except OSError as error:
        raise BrokenError(f"the folder {folder} cannot be made: {error.strerror}", f"set {setting}", retry=False) from error
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o022:
        remedy = f"remove it, or set {setting} to a folder that only this user may write"
        raise BrokenError(f"{folder} is no folder of this user alone", remedy, retry=False)
    return folder


@contextmanager
def alone(lock: Path, doing: str) -> Iterator[int]:
    """
    Be the only process that holds this lock; gives its descriptor. A killed process holds nothing.

    Raises BrokenError when another holds it for half an hour: `doing` says what it is at.
    """
    held = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _wait_for(held, doing)
        yield held
    finally:
        os.close(held)


def _wait_for(lock: int, doing: str) -> None:
    end = time.monotonic() + _WAIT_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise BrokenError(f"another process {doing} for half an hour", retry=True) from None
            time.sleep(0.2)
        else:
            return
