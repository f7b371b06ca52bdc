"""
Bare and shallow copies of repositories, in a private folder that any worker can make anew.

A copy may be used by many at once; one at a time fetches into it. Killed anywhere, the next fetch tidies up; a copy that git
calls broken is made anew.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from upkeep.errors import BrokenError
from upkeep.sources.git.command import git

SETTING = "UPKEEP_GIT_CACHE"
_LEFT = ("*.lock", "objects/pack/tmp_*", "objects/pack/.tmp-*", "refs/**/*.lock")
_WAIT_S = 1800


def cache_folder() -> Path:
    """
    Where copies lie: UPKEEP_GIT_CACHE, else a folder of this user in the temp folder.

    Raises BrokenError when it is another's, or others may write there: what lies in it would be theirs to choose.
    """
    folder = Path(os.environ.get(SETTING) or Path(tempfile.gettempdir()) / f"upkeep-git-{os.geteuid()}")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = folder.lstat()
    except OSError as error:
        raise BrokenError(f"the folder {folder} cannot be made: {error.strerror}", f"set {SETTING}", retry=False) from error
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o022:
        remedy = f"remove it, or set {SETTING} to a folder that only this user may write"
        raise BrokenError(f"{folder} is no folder of this user alone", remedy, retry=False)
    return folder


def copy_of(url: str) -> Path:
    """The folder of the copy of this address; it is there as an empty repository at least."""
    copy = cache_folder() / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.git"
    if not (copy / "HEAD").is_file():
        made = Path(tempfile.mkdtemp(prefix="new-", dir=copy.parent))
        git(["init", "--bare", "--quiet", "--template=", str(made)])
        try:
            made.rename(copy)
        except OSError:  # another was first
            shutil.rmtree(made, ignore_errors=True)
    return copy


@contextmanager
def fetching(copy: Path) -> Iterator[int]:
    """
    Be the only one that fetches into this copy; gives the lock's descriptor, for git to keep while it lives.

    What an earlier fetch left when it was killed is removed. Raises BrokenError when another fetches for half an hour.
    """
    lock = os.open(copy.with_suffix(".fetch"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _wait_for(lock, copy)
        for pattern in _LEFT:
            for left in copy.glob(pattern):
                left.unlink(missing_ok=True)
        yield lock
    finally:
        os.close(lock)


def discard(copy: Path) -> None:
    """Take a broken copy away at once, whoever still reads it: what they have open stays theirs. The next makes it anew."""
    aside = Path(tempfile.mkdtemp(prefix="old-", dir=copy.parent))
    with suppress(FileNotFoundError):
        copy.rename(aside / "broken")
    shutil.rmtree(aside, ignore_errors=True)


def _wait_for(lock: int, copy: Path) -> None:
    end = time.monotonic() + _WAIT_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise BrokenError(f"another process fetches into {copy} for half an hour", retry=True) from None
            time.sleep(0.2)
        else:
            return
