"""
Bare and shallow copies of repositories, in a private folder that any worker can make anew.

A copy may be used by many at once; one at a time fetches into it. Killed anywhere, the next fetch tidies up; a copy that git
calls broken is made anew.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from upkeep.sources.git.command import git
from upkeep.sources.worker_cache import alone, private_folder

SETTING = "UPKEEP_GIT_CACHE"
_LEFT = ("*.lock", "objects/pack/tmp_*", "objects/pack/.tmp-*", "refs/**/*.lock")


def cache_folder() -> Path:
    """Where copies lie: UPKEEP_GIT_CACHE, else a folder of this user in the temp folder. Raises BrokenError."""
    return private_folder(SETTING, "upkeep-git")


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
    with alone(copy.with_suffix(".fetch"), f"fetches into {copy}") as lock:
        for pattern in _LEFT:
            for left in copy.glob(pattern):
                left.unlink(missing_ok=True)
        yield lock


def discard(copy: Path) -> None:
    """Take a broken copy away at once, whoever still reads it: what they have open stays theirs. The next makes it anew."""
    aside = Path(tempfile.mkdtemp(prefix="old-", dir=copy.parent))
    with suppress(FileNotFoundError):
        copy.rename(aside / "broken")
    shutil.rmtree(aside, ignore_errors=True)
