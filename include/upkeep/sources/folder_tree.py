"""The files of a folder as they are now, with nothing read that lies outside."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from upkeep.errors import BrokenError
from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.sources.git.tree import inside

MOST = 500_000
_SKIPPED = frozenset([".git", "node_modules", ".venv", "__pycache__"])


class FolderTree:
    """A folder. `paths` raises BrokenError when it is none, cannot be listed, or holds more than half a million files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def paths(self) -> Sequence[str]:
        """Every file and symbolic link to one, sorted; what installations and git itself brought is passed over."""
        if not self._folder.is_dir():
            raise BrokenError(f"{self._folder} is no folder", "correct the path", retry=False)
        found: list[str] = []
        for path in self._walk():
            found.append(path)
            if len(found) > MOST:
                raise BrokenError(f"{self._folder} holds more than {MOST:,} files", "name a smaller folder", retry=False)
        return sorted(found)

    def submodules(self) -> Sequence[str]:
        """None: what lies in a folder is read as it lies there."""
        return ()

    def read(self, path: str, limit: int) -> bytes | None:
        """
        The bytes of the file at a path; None when there is none.

        Raises UnreadableError when it leads out of the folder, is no plain file or has more than `limit` bytes.
        """
        try:
            real = (self._folder / inside(path)).resolve()
        except (RuntimeError, OSError) as error:
            raise UnreadableError("symbolic links lead in a circle") from error
        if not real.is_relative_to(self._folder):
            raise UnreadableError("leads out of the repository")
        try:
            with open(os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123 - flags
                seen = os.fstat(file.fileno())
                if not stat.S_ISREG(seen.st_mode):
                    raise UnreadableError("is no plain file")
                data = file.read(limit + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise UnreadableError(f"cannot be opened: {error.strerror}") from error
        if len(data) > limit:
            raise UnreadableError(f"{seen.st_size / 10**6:.0f} MB, and files of up to {limit // 10**6} MB are read")
        return data

    def _walk(self) -> Iterator[str]:
        def failed(error: OSError) -> None:
            raise BrokenError(f"{error.filename} cannot be listed: {error.strerror}", "let this user read it", retry=False)

        for here, folders, files in os.walk(self._folder, onerror=failed):
            folders[:] = [name for name in folders if name not in _SKIPPED]
            for name in files:
                yield Path(here, name).relative_to(self._folder).as_posix()
