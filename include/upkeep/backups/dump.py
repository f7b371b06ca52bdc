"""One dump into the store: pg_dump in an exported snapshot, its files packed and stored while it writes them."""

import re
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path

from upkeep.backups import digest, packing, programs
from upkeep.backups.manifest import StoredObject
from upkeep.backups.names import parts_of, shown
from upkeep.backups.spool import TABLE_OF_CONTENTS, Followed, Spool
from upkeep.quantity import size
from upkeep.sources.objects import ObjectStore
from upkeep.sources.postgres import Endpoint

# What pg_dump writes after the last row of a table's file: the end mark and two empty lines.
_LINES_AFTER_ROWS = 3
_METHOD_AT, _METHOD_SINCE = 11, (1, 15)
_TABLE_DATA = re.compile(r"^(\d+); \d+ (\d+) TABLE DATA ")
_SEQUENCE_SET = re.compile(r"^\d+; \d+ \d+ SEQUENCE SET ")
_SETVAL = re.compile(r"^SELECT pg_catalog\.setval\((E?)'(.*)', (-?\d+), (true|false)\);$", re.DOTALL)


@dataclass
class Dump:
    """What is to be dumped, where to, and what was stored so far."""

    source: Endpoint
    place: ObjectStore
    application: str
    server_version: int
    jobs: int
    recipients: Sequence[str] = ()
    passwords: bool = False
    spool_bytes: int = 1 << 30
    objects: list[StoredObject] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def client_version(self) -> int:
        """Major of the programs that dump."""
        return programs.client(self.server_version)[0]

    @property
    def compression(self) -> str:
        """What pg_dump is told: zstd where it has it; else "0", and we pack what it writes."""
        return f"zstd:{packing.LEVEL}" if _has_zstd(self._program("pg_dump")) else "0"

    @contextmanager
    def started(self, snapshot: str, folder: Path) -> Iterator[Spool]:
        """pg_dump at work in this snapshot. It is killed when the block ends early."""
        complaints = (folder / "stderr").open("w+b")
        words = (
            "-Fd",
            f"--compress={self.compression}",
            f"--jobs={self.jobs}",
            f"--snapshot={snapshot}",
            f"--lock-wait-timeout={digest.LOCK_TIMEOUT}",
            "--quote-all-identifiers",
            "--no-sync",  # its files are gone by then
            f"--file={folder / 'dump'}",
        )
        process = programs.popen(
            self._program("pg_dump"),
            *words,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=complaints,
            stderr=complaints,
        )
        spool = Spool(folder / "dump", process, self.spool_bytes)
        try:
            yield spool
            complaints.seek(0)
            said = complaints.read().decode(errors="replace")
            if process.wait() or said.strip():
                raise programs.complaint("pg_dump", process.returncode, said)
        finally:
            spool.give_up()
            complaints.close()

    def take(self, followed: Followed) -> None:
        """Pack and store one file of the dump."""
        name = followed.path.name
        source = UnpackedContents(followed) if name == TABLE_OF_CONTENTS else followed
        stored, lines = packing.store(self.place, f"dump/{name}", source, self.recipients)
        with self._lock:
            self.objects.append(stored)
            self.lines[name.removesuffix(packing.PACKED)] = lines

    def take_globals(self) -> None:
        """Store roles, memberships, their settings and tablespaces; passwords only when asked for."""
        words = ("--globals-only", *([] if self.passwords else ["--no-role-passwords"]))
        text = programs.run(self._program("pg_dumpall"), *words, env=self._environment)
        stored, _ = packing.store(self.place, "globals.sql", BytesIO(text.encode()), self.recipients)
        self.objects.append(stored)

    def progress(self, waiting: int) -> str:
        """How far it is, in words."""
        with self._lock:
            stored, raw = sum(o.bytes for o in self.objects), sum(o.raw_bytes for o in self.objects)
        return f"{len(self.objects)} files, {size(raw)} as {size(stored)} stored, {size(waiting)} waiting"

    def listed(self, folder: Path) -> list[str]:
        """The lines of the dump's table of contents."""
        return programs.run(self._program("pg_restore"), "-l", str(folder / "dump"), env={}).splitlines()

    def tables(self, listed: Sequence[str]) -> Mapping[int, str]:
        """Files of the dump by the table's oid."""
        return {int(match[2]): f"{match[1]}.dat" for match in filter(None, map(_TABLE_DATA.match, listed))}

    def sequences(self, folder: Path, listed: Sequence[str]) -> dict[str, str]:
        """What the dump sets each sequence to, as "value,t" or "value,f" (not called yet), by qualified name."""
        chosen = folder / "sequences"
        chosen.write_text("\n".join(filter(_SEQUENCE_SET.match, listed)))
        words = ("-f", "-", "--data-only", "-L", str(chosen), str(folder / "dump"))
        return sequences_in(programs.run(self._program("pg_restore"), *words, env={}))

    def rows_of(self, file: str) -> int:
        """Rows that went into one file of the dump: COPY writes one line for each."""
        return self.lines[file] - _LINES_AFTER_ROWS

    def _program(self, name: str) -> Path:
        return programs.client(self.server_version)[1] / name

    @property
    def _environment(self) -> dict[str, str]:
        return programs.environment(self.source, self.application)


class UnpackedContents:
    """
    The dump's table of contents, saying that the files are not compressed, as a restore will give them to pg_restore.

    Since archive format 1.15 the byte after magic, version, sizes and format names the method (pg_backup_archiver.h).
    """

    def __init__(self, source: packing.Readable) -> None:
        self._source, self._head = source, True

    def read(self, size: int = -1) -> bytes:
        """As a file's read."""
        data = self._source.read(size)
        while self._head and len(data) <= _METHOD_AT and (more := self._source.read(size)):
            data += more
        if self._head and data[:5] == b"PGDMP" and tuple(data[5:7]) >= _METHOD_SINCE:
            data = data[:_METHOD_AT] + b"\0" + data[_METHOD_AT + 1 :]
        self._head = False
        return data


@cache
def _has_zstd(pg_dump: Path) -> bool:
    """Whether it gets as far as looking for a server when asked to compress with zstd."""
    words = ("--compress=zstd", "--file=/dev/null", "--host=/nowhere", "--dbname=none")
    done = subprocess.run([str(pg_dump), *words], env={"LC_ALL": "C"}, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return "connection to server" in done.stderr


def sequences_in(script: str) -> dict[str, str]:
    """The setval calls of a script that pg_restore wrote."""
    found = {}
    for statement in re.split(r"(?<=\);)\n", script):
        match = (
            _SETVAL.match(statement[statement.find("SELECT pg_catalog.setval(") :].strip()) if "setval(" in statement else None
        )
        if match:
            literal = match[2].replace("''", "'")
            name = literal.replace("\\\\", "\\") if match[1] else literal
            found[shown(*parts_of(name))] = f"{match[3]},{match[4][0]}"
    return found
