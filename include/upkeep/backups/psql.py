"""
A session that copies rows out as fast as the server gives them: psql, whose output is read in large blocks.

The driver would hand over each row on its own, which for narrow rows takes longer than reading them. What follows the rows of a
COPY is a line that no row can be, so that one session serves any number of tables.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from upkeep.backups import programs
from upkeep.backups.pipelined import END, Outputs, pipe_size
from upkeep.errors import BrokenError
from upkeep.sources.keepalives import Flow, keepalive_conninfo, server_statement
from upkeep.sources.libpq import without_variable
from upkeep.sources.objects import CHUNK
from upkeep.sources.postgres_errors import SHORTAGES

_LINE_BREAK = 10
_MARK = "\\echo '\\\\.'"
_STATE = re.compile(r"(?:ERROR|FATAL):  ([0-9A-Z]{5}): (.*)")


class SessionError(BrokenError):
    """A statement or connection of psql failed. `sqlstate` is empty where the server gave none."""

    def __init__(self, reason: str, sqlstate: str, remedy: str = "", *, retry: bool) -> None:
        super().__init__(reason, remedy, retry=retry)
        self.sqlstate = sqlstate


class Psql:
    """
    One session. Every statement must end without an error, else the session is lost and SessionError raised.

    `own` is what the connection says itself; of that what the environment cannot carry is used here.
    """

    def __init__(
        self, program: Path, environment: Mapping[str, str], database: str, own: Mapping[str, str] | None = None
    ) -> None:
        self._errors: Any = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the session
        args = ("-XAtq", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose", "-v", "SHOW_CONTEXT=never")
        command = _with_large_buffer(program)
        self._process = programs.popen(
            command[0],
            *command[1:],
            *args,
            "-d",
            keepalive_conninfo(database, Flow.OUT, own=without_variable(own or {})),
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
        )
        assert self._process.stdin  # noqa: S101 - they are pipes
        assert self._process.stdout  # noqa: S101
        self._in, self._out = self._process.stdin, self._process.stdout
        pipe_size(self._out)  # large, for fewer switches between psql and us
        with suppress(BrokenPipeError):  # whatever is asked first says why
            self._in.write(f"{server_statement()};\n".encode())

    def ask(self, statement: str, encoding: str = "UTF8") -> str:
        """What a statement printed, without its last line break."""
        return b"".join(self.copy(statement, encoding)).decode(_PYTHON[encoding]).removesuffix("\n")

    def copy(self, statement: str, encoding: str = "UTF8") -> Iterator[bytes]:
        """What a statement writes, in blocks of about a megabyte."""
        try:
            self._in.write(_request(statement, encoding))
        except BrokenPipeError:
            raise self._failure() from None
        return self._blocks()

    def copies(self, statements: Iterable[str], encoding: str = "UTF8") -> Iterator[Iterator[bytes]]:
        """What each of many statements writes, in blocks, one after the other. They are sent ahead: none waits for its turn."""
        return iter(Outputs(self._in, self._out, (_request(each, encoding) for each in statements), self._failure))

    def _blocks(self) -> Iterator[bytes]:
        block, filled, starts_line = bytearray(CHUNK), 0, True
        while True:
            got = self._out.readinto(memoryview(block)[filled:])  # type: ignore[attr-defined] # unbuffered, so a raw file
            if not got:
                raise self._failure()
            filled += got
            if _is_line(block, filled, END, starts_line=starts_line):
                if filled > len(END):
                    yield bytes(memoryview(block)[: filled - len(END)])
                return
            if filled == CHUNK:
                kept = next((n for n in (2, 1) if _is_line(block, filled, END[:n], starts_line=starts_line)), 0)
                yield bytes(memoryview(block)[: filled - kept])
                starts_line = block[filled - kept - 1] == _LINE_BREAK
                block[:kept], filled = block[filled - kept : filled], kept

    def end(self) -> None:
        """End the session at once; the server rolls its transaction back. Whoever reads from it gets an error."""
        programs.kill(self._process)

    def close(self) -> None:
        """End the session and give its pipes back."""
        self.end()
        with suppress(OSError):
            self._in.close()
        self._out.close()
        self._errors.close()

    def _failure(self) -> SessionError:
        self._process.wait()
        self._errors.seek(0)
        return failure(self._errors.read().decode(errors="replace"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _request(statement: str, encoding: str) -> bytes:
    return statement.encode(_PYTHON[encoding], programs.ANY_BYTES) + f";\n{_MARK}\n".encode()


def _with_large_buffer(program: Path) -> list[Any]:
    """Psql writes its output in pieces of 4 kB; where the system can change that, a third of the time is saved."""
    stdbuf = shutil.which("stdbuf")
    return [Path(stdbuf), f"--output={CHUNK}", str(program)] if stdbuf else [program]


def _is_line(block: bytearray, filled: int, line: bytes, *, starts_line: bool) -> bool:
    """Whether what was filled ends with this text at the start of a line."""
    start = filled - len(line)
    return block.endswith(line, 0, filled) and (block[start - 1] == _LINE_BREAK if start else starts_line)


def failure(stderr: str) -> SessionError:
    """What psql said on stderr as an error for the reader."""
    found = _STATE.search(stderr)
    sqlstate, text = (found[1], found[2]) if found else ("", " ".join(stderr.split())[-500:] or "psql was ended from outside")
    remedy, retry = _MEANINGS.get(sqlstate, ("", sqlstate[:2] in {"", "08", "40", "53", "55", "57", "58"}))
    return SessionError(f"copying rows failed: {text}", sqlstate, remedy, retry=retry)


def environment(endpoint: Any, application: str, encoding: str) -> dict[str, str]:
    """Psql's environment; its statements are sent in this client encoding."""
    return {**programs.environment(endpoint, application), "PGCLIENTENCODING": encoding, "PSQL_HISTORY": os.devnull}


STANDBY = "set hot_standby_feedback = on at the standby, or back up its primary"
_PYTHON = {"UTF8": "utf-8", "LATIN1": "latin-1"}
_MEANINGS = {
    "42501": ("give the backup's login the right to read everything: grant pg_read_all_data, or see `upkeep doctor`", False),
    "40001": (STANDBY, True),
    **{state: (remedy, True) for state, remedy in SHORTAGES.items()},
}
