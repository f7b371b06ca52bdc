"""The lines that commits of a window brought, also those that a later commit took away again: they stay in the history."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.git.command import clean_environment, command_line

MOST_BYTES = 200 * 10**6
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Added:
    """One line that a commit brought, with the path that it had there."""

    commit: str
    path: str
    text: str


def added(folder: Path, since: str | None, until: str) -> Iterator[Added]:
    """
    Lines of the commits that `until` has and `since` has not, newest commit first; of all its commits without `since`.

    Binary files have no lines. Raises CannotAskError when there are more than 200 MB of them, and BrokenError when git fails.
    """
    span = [f"^{since}"] if since else []
    args = [
        "log", "--patch", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--src-prefix=a/",
        "--dst-prefix=b/", "--submodule=short", "--format=%x01%H", "--end-of-options", until, *span, "--",
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
    commit, path, read, header = "", "", 0, True
    for raw in running.stdout or ():
        read += len(raw)
        if read > MOST_BYTES:
            reason = f"its commits of the window brought more than {MOST_BYTES // 10**6} MB"
            raise CannotAskError(reason, "ask about shorter windows, or look at it by hand: git log --patch")
        if raw.startswith(b"\x01"):
            commit = raw[1:].strip().decode()
        elif raw.startswith(b"diff --git "):
            header = True
        elif raw.startswith(b"@@"):
            header = False
        elif header and raw.startswith(b"+++ "):
            path = _path(raw)
        elif not header and raw.startswith(b"+"):
            yield Added(commit, path, raw[1 : _LONGEST + 1].rstrip(b"\r\n").decode("utf-8", "replace"))
    if running.wait():
        raise BrokenError(
            "git log failed: the commits of the window could not be read", "see the repository: git fsck", retry=True
        )


def _path(raw: bytes) -> str:
    name = raw[4:].rstrip(b"\r\n").rstrip(b"\t").decode("utf-8", "backslashreplace").strip('"')
    return name.removeprefix("b/")
