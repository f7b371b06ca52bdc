"""
A dump's folder for pg_restore without a second copy of the data on local disk.

Small files are real, fetched and compared first. Every other one is a pipe with a name: when pg_restore opens it, its object is
streamed in. An object that turns out wrong kills pg_restore before it sees the end of that file, so nothing of it is committed.
"""

import errno
import fcntl
import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from upkeep.backups.manifest import DamagedError, StoredObject
from upkeep.backups.unpacking import raw_name, unpack
from upkeep.errors import BrokenError
from upkeep.quantity import plural
from upkeep.sources.objects import CHUNK, ObjectStore

SMALL = 1 << 16
SMALL_TOGETHER = 1 << 30
_POLL_S = 0.01
_PREFIX = "dump/"


@dataclass
class Feed:
    """The folder and what is fed into it. `tick` is told objects and original bytes fed so far."""

    place: ObjectStore
    objects: Sequence[StoredObject]
    folder: Path
    jobs: int
    keys: Sequence[Any] = ()
    tick: Callable[[int, int], None] = lambda _objects, _bytes: None
    fed: int = 0
    fed_bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def prepare(self) -> dict[Path, StoredObject]:
        """Fetch the small files, make a pipe for each other one, and return the pipes. Raises DamagedError and BrokenError."""
        self.folder.mkdir(mode=0o700)
        pipes, room, small = {}, SMALL_TOGETHER, []
        for stored in sorted(self.objects, key=lambda stored: stored.raw_bytes):
            if not stored.name.startswith(_PREFIX):
                continue
            path = self.folder / _flat(raw_name(stored.name.removeprefix(_PREFIX)))
            if path.suffix == ".toc" or path.name == "toc.dat" or (stored.raw_bytes <= SMALL and room >= stored.raw_bytes):
                room -= stored.raw_bytes
                small.append((path, stored))
            else:
                os.mkfifo(path, 0o600)
                pipes[path] = stored
        with ThreadPoolExecutor(max(self.jobs, 4), "fetch") as pool:
            list(pool.map(lambda each: self._fetch(*each), small))
        return pipes

    def run(self, process: "subprocess.Popen[bytes]", pipes: dict[Path, StoredObject]) -> None:
        """Feed until the process ends. Kills it and raises when an object is wrong or one was never asked for."""
        waiting, feeding = dict(pipes), list[Future[None]]()
        with ThreadPoolExecutor(self.jobs + 1, "feed") as pool:
            try:
                while process.poll() is None:
                    for path, stored, pipe in self._opened(waiting):
                        del waiting[path]
                        feeding.append(pool.submit(self._pour, process, stored, pipe))
                    feeding = [each for each in feeding if not (each.done() and each.result() is None)]
                    time.sleep(_POLL_S)
                for each in feeding:
                    each.result()
            except BaseException:
                kill(process)
                raise
        if waiting and process.returncode == 0:
            names = ", ".join(sorted(stored.name for stored in waiting.values())[:5])
            raise DamagedError(
                f"{plural(len(waiting), 'object')} of the backup that its table of contents does not know: {names}"
            )

    def _fetch(self, path: Path, stored: StoredObject) -> None:
        with path.open("xb") as file:
            unpack(self.place, stored, file.write, self.keys)
        self._count(stored)

    def _opened(self, waiting: dict[Path, StoredObject]) -> list[tuple[Path, StoredObject, int]]:
        found = []
        for path, stored in waiting.items():
            try:
                found.append((path, stored, os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)))
            except OSError as error:
                if error.errno != errno.ENXIO:  # nobody reads it yet
                    raise
        return found

    def _pour(self, process: "subprocess.Popen[bytes]", stored: StoredObject, pipe: int) -> None:
        os.set_blocking(pipe, True)
        with suppress(OSError, AttributeError):  # fewer switches between us and pg_restore, where the system allows
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, CHUNK)
        with os.fdopen(pipe, "wb", buffering=0) as file:
            try:
                unpack(self.place, stored, lambda data: _write_all(file, data), self.keys)
            except BrokenPipeError:
                return  # pg_restore went away; what it said tells why
            except BaseException:
                kill(process)  # before the pipe closes: it must not take this for the end of the data
                raise
        self._count(stored)

    def _count(self, stored: StoredObject) -> None:
        with self._lock:
            self.fed, self.fed_bytes = self.fed + 1, self.fed_bytes + stored.raw_bytes
            self.tick(self.fed, self.fed_bytes)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a program and its workers at once."""
    if process.poll() is None:
        os.killpg(process.pid, 9)
        process.wait()


def _write_all(file: Any, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _flat(name: str) -> str:
    if "/" in name or name in {"", ".", ".."}:
        raise BrokenError(f'the manifest names an object "{name}" that no dump has', retry=False)
    return name
