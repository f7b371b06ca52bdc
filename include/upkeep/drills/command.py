"""A program of a plan, run on the drill's server: no shell, no network, nothing of our environment, ended in time and with us."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from upkeep.backups import programs
from upkeep.errors import CannotAskError
from upkeep.sources.postgres import Endpoint

_TAIL = 2000
_LONGEST_FOLDER = 107 - len("/.s.PGSQL.65535")
_LOCAL = {"", "localhost", "127.0.0.1", "::1"}


def refuse_production(args: Sequence[str], production: Endpoint) -> None:
    """Raises CannotAskError when an argument names the production server."""
    host, port = production.host, str(production.port or 5432)
    named = [f"{host}:{port}"] if host in _LOCAL else [host]
    ports = {port, f"-p{port}", f"--port={port}"} if host in _LOCAL else set()
    for word in args:
        if any(name in word for name in named) or word in ports or f"port={port}" in word.split():
            raise CannotAskError(
                f'the argument "{word}" names production: a drill never goes there',
                "leave host and port out: PGHOST, PGPORT, PGUSER, PGDATABASE and PGPASSFILE lead to the drill's server",
            )


def environment(copy: Endpoint, folder: Path, path: str) -> dict[str, str]:
    """All that the program is told: where the copy's socket is, with its password in a file that only we may read."""
    passfile = folder / "pgpass"
    with os.fdopen(os.open(passfile, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(f"*:{copy.port}:*:{copy.user}:{copy.password}\n")
    return {
        "PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC", "UPKEEP_DRILL": "1",
        "PGHOST": copy.host, "PGPORT": str(copy.port), "PGUSER": str(copy.user), "PGDATABASE": str(copy.database),
        "PGPASSFILE": str(passfile), "PGSERVICEFILE": os.devnull, "PGSYSCONFDIR": str(folder), "PGAPPNAME": "upkeep drill",
    }  # fmt: skip


@contextmanager
def short_name(folder: Path) -> Iterator[str]:
    """A name of the folder, while inside, by which a socket in it can be reached: no longer than the system takes."""
    if len(os.fsencode(folder)) <= _LONGEST_FOLDER:
        yield str(folder)
        return
    opened = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/{os.getpid()}/fd/{opened}"
    finally:
        os.close(opened)


def run(
    args: Sequence[str], folder: Path, copy: Endpoint, longest_s: float, tools: Path, before: Sequence[str] = ()
) -> tuple[int | None, str]:
    """
    The program, found in its plan's `folder`, among PostgreSQL's `tools` of the server's version, or on our path.

    `before` are words that shut it off. Its real exit status and the end of what it printed; None when it was ended for taking
    too long.

    Raises CannotAskError when there is no such program.
    """
    path = os.pathsep.join([str(tools), os.environ.get("PATH", "")])
    program = _found(args[0], folder, path)
    with tempfile.TemporaryDirectory(prefix="upkeep-drill-") as own, tempfile.TemporaryFile() as output:
        code = _ended(program, args[1:], before, environment(copy, Path(own), path), Path(own), output, longest_s)
        output.seek(max(0, output.seek(0, os.SEEK_END) - _TAIL))
        text = output.read().decode(errors="replace").replace(str(copy.password), "…")
    return code, " ".join(text.split())


def _found(word: str, folder: Path, path: str) -> Path:
    found = folder / word if "/" in word else Path(shutil.which(word, path=path) or "")
    if not (found.is_file() and os.access(found, os.X_OK)):
        raise CannotAskError(f'there is no program "{word}" here', "install it on the workers, or correct the plan")
    return found.resolve()


def _ended(
    program: Path, args: Sequence[str], before: Sequence[str], env: Mapping[str, str], folder: Path, output: Any,
    longest_s: float,
) -> int | None:  # fmt: skip
    # It ends with us by its own words too: a new namespace may have made the kernel forget them.
    first, *rest = [*before, *programs.command(program, *args)] if before else [str(program), *args]
    process = programs.popen(Path(first), *rest, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder)
    try:
        return process.wait(longest_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        programs.kill(process)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # what it left behind in its group
