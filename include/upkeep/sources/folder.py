"""A folder of files that are looked at: only what lies inside it, never through a link out of it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from upkeep.errors import BrokenError

# What tools unpack or make: the packages of other people's repositories, with lockfiles of their own.
PASSED_OVER = frozenset({".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".nox"})


class OutsideError(BrokenError):
    """A path leads out of the folder."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, or one file of it. Paths are relative to it, with slashes."""

    root: Path
    only: str | None = None

    def paths(self) -> Iterator[str]:
        """Every file, sorted; folders of tools are passed over, links to folders not followed. Raises BrokenError."""
        if self.only is not None:
            yield self.only
            return
        for at, folders, files in os.walk(self.root, onerror=_complain):
            folders[:] = sorted(name for name in folders if name not in PASSED_OVER)
            where = Path(at).relative_to(self.root).as_posix()
            yield from (name if where == "." else f"{where}/{name}" for name in sorted(files))

    def read(self, path: str, limit: int) -> bytes | None:
        """
        The first `limit` + 1 bytes of a file, so that a longer one shows; None when there is none.

        Raises OutsideError when it is a link out of the folder, and BrokenError when it cannot be read.
        """
        full = self.root / path
        try:
            inside = full.resolve().is_relative_to(self.root.resolve())
            if not inside:
                raise OutsideError(f"{path} leads out of {self.root}", retry=False)
            if not full.is_file():
                return None
            with full.open("rb") as file:
                return file.read(limit + 1)
        except (OSError, ValueError, RuntimeError) as error:
            raise BrokenError(f"{path} cannot be read: {error}", retry=False) from error


def folder_at(path: Path) -> Folder:
    """The folder at a path, or the folder of the one file at it. Raises BrokenError when nothing is there."""
    if path.is_dir():
        return Folder(path)
    if path.is_file():
        return Folder(path.parent, path.name)
    raise BrokenError(f"there is no file or folder {path}", retry=False)


def _complain(error: OSError) -> None:
    raise BrokenError(f"{error.filename} cannot be looked into: {error.strerror}", "give it the right to read", retry=False)
