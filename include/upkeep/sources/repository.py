"""A repository as duties see it: its files at one moment, and what its lockfiles say."""

import posixpath
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol

from upkeep.errors import CannotAskError
from upkeep.formats.lockfiles.registry import LIMIT, UnreadableError, found_in, read, reader_of
from upkeep.formats.package import Reading
from upkeep.sources.folder_tree import FolderTree
from upkeep.sources.git.cache import discard
from upkeep.sources.git.history import Commit, Remote, commit_at, fetched, first_commit
from upkeep.sources.git.tree import LostObjectError, commit_tree, inside


class Tree(Protocol):
    """Files by path, with slashes, from the top of a repository."""

    def paths(self) -> Sequence[str]:
        """Every file, sorted."""
        ...

    def submodules(self) -> Sequence[str]:
        """Where other repositories hang in that are not read."""
        ...

    def read(self, path: str, limit: int) -> bytes | None:
        """One file, None when there is none. Raises UnreadableError when it is too large or leads out."""
        ...


@dataclass(frozen=True, slots=True)
class Repository:
    """
    One repository at one moment. `commit` is None for a folder without history, which is as it is now.

    Paths that fit a pattern of `ignore` (fnmatch; `*` crosses slashes) are passed over, as those of test data.
    """

    name: str
    tree: Tree
    commit: Commit | None = None
    ignore: tuple[str, ...] = ()

    def lockfiles(self) -> tuple[str, ...]:
        """The paths of what a reader reads, sorted."""
        return found_in(self.paths())

    def paths(self) -> list[str]:
        """Every path that is not passed over, sorted."""
        return [path for path in self.tree.paths() if not any(fnmatchcase(path, pattern) for pattern in self.ignore)]

    def reading(self, path: str) -> Reading:
        """What the file at this path says. Raises KeyError when no reader reads it: all else makes the reading incomplete."""
        reader = reader_of(path)
        if reader is None:
            raise KeyError(path)
        try:
            raw = self.tree.read(path, reader.limit)
        except UnreadableError as error:
            return Reading(reader.kind, (), (str(error),))
        if raw is None:
            return Reading(reader.kind, (), ("a symbolic link that leads to no file",))
        return read(path, raw, lambda beside: self._beside(path, beside))

    def readings(self) -> Iterator[tuple[str, Reading]]:
        """Every lockfile's path and what it says, one after the other."""
        return ((path, self.reading(path)) for path in self.lockfiles())

    def read(self, path: str, limit: int = LIMIT) -> bytes | None:
        """The bytes of any file, None when there is none. Raises UnreadableError when it is too large or leads out."""
        return self.tree.read(path, limit)

    def _beside(self, path: str, beside: str) -> bytes | None:
        if "\0" in beside or beside.startswith(("/", "\\")):
            raise UnreadableError("leads out of the repository")
        return self.tree.read(inside(posixpath.join(posixpath.dirname(path), beside)), LIMIT)


@contextmanager
def remote_repository(name: str, remote: Remote, end: datetime, ignore: tuple[str, ...] = ()) -> Iterator[Repository]:
    """
    A repository of a server as its branch was at the end of a window. Raises what `fetched` raises.

    A copy in which something turns out to be missing is discarded, so that asking again makes it anew.
    """
    copy, commit = fetched(remote, end)
    try:
        with commit_tree(copy, commit.id) as tree:
            yield Repository(name, tree, commit, ignore)
    except LostObjectError:
        discard(copy)
        raise


@contextmanager
def local_repository(
    name: str, path: Path, end: datetime, branch: str | None = None, ignore: tuple[str, ...] = ()
) -> Iterator[Repository]:
    """
    A repository of this machine as its branch was at the end of a window: what is committed, not what lies in the folder.

    Raises CannotAskError when it was not there yet or borrows objects of another, BrokenError when it cannot be read.
    """
    folder = git_folder(path)
    if folder is None:
        raise CannotAskError(f"{path} is no git repository, and a folder has no past", "name a repository, or ask about now")
    _refuse_borrowed(folder)
    commit = commit_at(folder, f"refs/heads/{branch}" if branch else "HEAD", end)
    if commit is None:
        raise first_commit(branch or str(path), end)
    with commit_tree(folder, commit.id) as tree:
        yield Repository(name, tree, commit, ignore)


def folder_repository(name: str, path: Path, ignore: tuple[str, ...] = ()) -> Repository:
    """A folder as it is now: of SBOMs, or a checkout with what is not committed yet."""
    return Repository(name, FolderTree(path), None, ignore)


def git_folder(path: Path) -> Path | None:
    """The git directory of a path: its folder .git or itself when bare; None when it is no repository of its own."""
    inner = path / ".git"
    if inner.is_dir() and not inner.is_symlink():
        return inner
    bare = all((path / part).exists() for part in ("HEAD", "objects", "refs"))
    return path if bare else None


def _refuse_borrowed(folder: Path) -> None:
    for part in ("objects/info/alternates", "objects/info/http-alternates", "commondir"):
        if (folder / part).exists():
            remedy = "name the repository itself, or make it whole: git repack -a -d, then remove objects/info/alternates"
            raise CannotAskError(f"{folder} borrows what it holds from another repository ({part})", remedy)
