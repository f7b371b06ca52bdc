"""The lines that commits of a window brought, also those that a later commit took away again: they stay in the history."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.git.command import clean_environment, command_line

MOST_BYTES = 200 * 10**6
_PIECE, _OVERLAP = 10**6, 16_384  # of lines so long that they must not be in memory whole


@dataclass(frozen=True, slots=True)
class Added:
    """One line that a commit brought, with the path that it had there."""

    commit: str
    path: str
    text: str


def added(folder: Path, since: str | None, until: str) -> Iterator[Added]:
    """
    Lines of the commits that `until` has and `since` has not, newest commit first; of all its commits without `since`.

    Of a merge those that none of its parents has. A very long line comes in pieces that overlap, and binary files have no lines.
    Raises CannotAskError when there are more than 200 MB of them, and BrokenError when git fails.
    """
    span = [f"^{since}"] if since else []
    args = [
        "log", "--patch", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--src-prefix=a/",
        "--dst-prefix=b/", "--submodule=short", "--diff-merges=dense-combined", "--format=%x01%H",
        "--end-of-options", until, *span, "--",
    ]  # fmt: skip
    with subprocess.Popen(  # noqa: S603 - git itself
        command_line(args, folder, ()), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=clean_environment(()), cwd="/",
    ) as running:  # fmt: skip
        try:
            yield from _lines(running)
        finally:
            running.kill()


def _lines(running: "subprocess.Popen[bytes]") -> Iterator[Added]:
    where, read, begins = _Where(), 0, True
    for raw in iter(lambda: cast("IO[bytes]", running.stdout).readline(_PIECE), b""):
        read += len(raw)
        if read > MOST_BYTES:
            reason = f"its commits of the window brought more than {MOST_BYTES // 10**6} MB"
            raise CannotAskError(reason, "ask about shorter windows, or look at it by hand: git log --patch")
        text = where.begun(raw) if begins else where.gone_on(raw)
        if text is not None:
            yield Added(where.commit, where.path, text.rstrip(b"\r\n").decode("utf-8", "replace"))
        begins = raw.endswith(b"\n")
    if running.wait():
        raise BrokenError(
            "git log failed: the commits of the window could not be read", "see the repository: git fsck", retry=True
        )


@dataclass
class _Where:
    """Where in the output of `git log` it is: outside of a change there are no columns, inside there is one for each parent."""

    commit: str = ""
    path: str = ""
    columns: int = 0
    added: bytes | None = None

    def begun(self, raw: bytes) -> bytes | None:
        """The beginning of a line: what was added, None for all else."""
        self.added = None
        if raw.startswith(b"\x01"):
            self.commit = raw[1:].strip().decode()
        elif raw.startswith(b"diff --"):
            self.columns = 0
        elif raw.startswith(b"@@"):
            self.columns = len(raw) - len(raw.lstrip(b"@")) - 1
        elif not self.columns and raw.startswith(b"+++ "):
            self.path = _path(raw)
        elif self.columns and raw.startswith(b"+" * self.columns):
            self.added = raw[self.columns :]
        return self.added

    def gone_on(self, raw: bytes) -> bytes | None:
        """More of a line, behind the end of what was given of it before."""
        if self.added is not None:
            self.added = self.added[-_OVERLAP:] + raw
        return self.added


def _path(raw: bytes) -> str:
    name = raw[4:].rstrip(b"\r\n").rstrip(b"\t").decode("utf-8", "backslashreplace").strip('"')
    return name.removeprefix("b/")
