"""The files of one commit, read without a checkout: one listing, and one `git cat-file --batch` for what is read."""

import posixpath
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from upkeep.errors import BrokenError
from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.sources.git.command import clean_environment, command_line, git

_LINK, _SUBMODULE = "120000", "160000"
_HOPS = 40
_LONGEST_LINK = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the tree: its mode, object id, and bytes (0 for a submodule)."""

    mode: str
    id: str
    size: int


class LostObjectError(BrokenError):
    """An object that a tree names is not there or cannot be read."""

    def __init__(self, name: str) -> None:
        super().__init__(f"git cannot give the object {name}", "make the repository whole: git fsck says how", retry=True)


class CommitTree:
    """The tree of a commit. Made by `commit_tree`, which ends its process."""

    def __init__(self, entries: dict[str, Entry], batch: "subprocess.Popen[bytes]") -> None:
        self._entries, self._batch = entries, batch

    def paths(self) -> Sequence[str]:
        """Every file and symbolic link, sorted; not what lies in submodules."""
        return sorted(path for path, entry in self._entries.items() if entry.mode != _SUBMODULE)

    def submodules(self) -> Sequence[str]:
        """Where other repositories hang in: their files are not read."""
        return sorted(path for path, entry in self._entries.items() if entry.mode == _SUBMODULE)

    def read(self, path: str, limit: int) -> bytes | None:
        """
        The bytes of the file at a path, through symbolic links; None when there is none.

        Raises UnreadableError when it leads out of the repository or has more than `limit` bytes.
        """
        entry = self._entries.get(self._resolved(path))
        if entry is None or entry.mode in {_LINK, _SUBMODULE}:
            return None
        if entry.size > limit:
            raise UnreadableError(f"{entry.size / 10**6:.0f} MB, and files of up to {limit // 10**6} MB are read")
        return self._blob(entry)

    def _resolved(self, path: str) -> str:
        """Where a path leads when each symbolic link on it is followed."""
        for _ in range(_HOPS):
            path = inside(path)
            link = next((p for p in _prefixes(path) if p in self._entries and self._entries[p].mode == _LINK), None)
            if link is None:
                return path
            entry = self._entries[link]
            target = self._blob(entry).decode("utf-8", "replace") if entry.size < _LONGEST_LINK else "/"
            path = posixpath.join(posixpath.dirname(link), target) + path[len(link) :]
        raise UnreadableError("symbolic links lead in a circle")

    def _blob(self, entry: Entry) -> bytes:
        pipes = self._batch.stdin, self._batch.stdout
        if pipes[0] is None or pipes[1] is None:
            raise BrokenError("git cat-file has no pipes", retry=True)
        try:
            pipes[0].write(f"{entry.id}\n".encode())
            pipes[0].flush()
            header = pipes[1].readline().split()
            if header[1:] != [b"blob", str(entry.size).encode()]:  # "… missing" has no data after it
                raise LostObjectError(entry.id)
            data = pipes[1].read(entry.size + 1)
        except OSError as error:
            raise BrokenError(f"git cat-file ended: {error}", retry=True) from error
        if len(data) != entry.size + 1:
            raise LostObjectError(entry.id)
        return data[:-1]


@contextmanager
def commit_tree(folder: Path, commit: str) -> Iterator[CommitTree]:
    """The tree of a commit in a git directory, while inside."""
    listed = git(["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", commit], folder=folder)
    entries = dict(_entry(line) for line in listed.split(b"\0") if line)
    with subprocess.Popen(  # noqa: S603 - git itself
        command_line(["cat-file", "--batch"], folder, ()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environment(()),
        cwd="/",
    ) as batch:
        try:
            yield CommitTree(entries, batch)
        finally:
            batch.kill()


def inside(path: str) -> str:
    """A path made plain. Raises UnreadableError when it leads out of the repository."""
    plain = posixpath.normpath(path)
    if path.startswith("/") or plain == ".." or plain.startswith("../"):
        raise UnreadableError("leads out of the repository")
    return plain


def _prefixes(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[: count + 1]) for count in range(len(parts)))


def _entry(line: bytes) -> tuple[str, Entry]:
    about, _, path = line.partition(b"\t")
    mode, _, name, size = about.decode().split()
    return path.decode("utf-8", "backslashreplace"), Entry(mode, name, int(size) if size.isdigit() else 0)
