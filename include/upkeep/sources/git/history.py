"""Which commit a branch was at on a day: first parents back from its tip, fetched only as far as that day needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.git.cache import copy_of, discard, fetching
from upkeep.sources.git.command import git
from upkeep.sources.git.login import GitLogin, environment, url_is_ssh

_FIRST, _MOST = 50, 10**6
_FAR = ("unable to access", "Could not", "Connection", "early EOF", "hung up", "did not end", "remote error")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit and when it was made by its committer's clock, which is when it came onto a branch that merges."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository on a server: its address, how to log in, and the branch, None for the server's default."""

    url: str
    login: GitLogin
    branch: str | None = None

    @property
    def protocols(self) -> tuple[str, ...]:
        """What git may speak with it: this alone."""
        return ("ssh",) if url_is_ssh(self.url) else (self.url.partition("://")[0],)

    @property
    def ref(self) -> str:
        """What is asked of the server."""
        return f"refs/heads/{self.branch}" if self.branch else "HEAD"

    @property
    def own_ref(self) -> str:
        """Where the copy keeps it."""
        return f"refs/upkeep/{self.branch or 'HEAD'}"


def fetched(remote: Remote, end: datetime) -> tuple[Path, Commit]:
    """
    The copy of a repository, and the commit that its branch was at at the end of a window.

    When git fails and neither the server nor the way to it is the cause, the copy is broken: it is made anew, once.
    May be killed anywhere and run again. Raises BrokenError when the server cannot be asked, CannotAskError when there was
    no commit yet.
    """
    try:
        return _fetched(remote, end)
    except BrokenError as error:
        if not error.retry or any(word in error.reason for word in _FAR):
            raise
    discard(copy_of(remote.url))
    return _fetched(remote, end)


def commit_at(folder: Path, ref: str, end: datetime) -> Commit | None:
    """The newest commit before the end of a window, by first parents from this ref; None when none of those here is so old."""
    args = ["rev-list", "--first-parent", "--format=%H %ct", "--no-commit-header", "--end-of-options", ref, "--"]
    for line in git(args, folder=folder).decode().splitlines():
        name, _, seconds = line.partition(" ")
        if int(seconds) < end.timestamp():
            return Commit(name, datetime.fromtimestamp(int(seconds), UTC))
    return None


def first_commit(name: str, end: datetime) -> CannotAskError:
    """What is said when a branch has no commit that old."""
    return CannotAskError(f"{name} had no commit yet at {end:%Y-%m-%d %H:%M %Z}", "ask about a later window")


def _fetched(remote: Remote, end: datetime) -> tuple[Path, Commit]:
    copy = copy_of(remote.url)
    with environment(remote.login, remote.url) as secrets, fetching(copy) as lock:
        _fetch(remote, copy, lock, secrets, () if _has(copy, remote.own_ref) else ("--depth=1",))
        deeper = _FIRST
        while (found := commit_at(copy, remote.own_ref, end)) is None:
            if not (copy / "shallow").exists() or deeper > _MOST:
                raise first_commit(remote.branch or "the repository", end)
            _fetch(remote, copy, lock, secrets, (f"--deepen={deeper}",))
            deeper *= 4
        return copy, found


def _has(copy: Path, ref: str) -> bool:
    return bool(git(["for-each-ref", "--format=%(objectname)", ref], folder=copy).strip())


def _fetch(remote: Remote, copy: Path, lock: int, secrets: Mapping[str, str], depth: tuple[str, ...]) -> None:
    _git_fetch(remote, copy, lock, secrets, (*depth, "--end-of-options", remote.url, f"+{remote.ref}:{remote.own_ref}"))


def fetch_refs(remote: Remote, copy: Path, refs: Iterable[str], *how: str) -> None:
    """Fetch what these refs say into a copy. May be killed anywhere and run again. Raises BrokenError."""
    with environment(remote.login, remote.url) as secrets, fetching(copy) as lock:
        _git_fetch(remote, copy, lock, secrets, (*how, "--end-of-options", remote.url, *refs))


def _git_fetch(remote: Remote, copy: Path, lock: int, secrets: Mapping[str, str], rest: Iterable[str]) -> None:
    args = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance", "--no-write-fetch-head"]
    git([*args, *rest], folder=copy, protocols=remote.protocols, more=secrets, keep=lock)
