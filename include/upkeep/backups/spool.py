"""
A dump's folder, emptied while it is written.

pg_dump writes its directory format into a local folder. Each file is followed from its first byte, and what was read is given
back to the disk at once (a hole is punched), so that a table of any size passes through little room. When the store is slower
than pg_dump, pg_dump is stopped (SIGSTOP) until the rest is below the limit.
"""

import ctypes
import fcntl
import hashlib
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from upkeep.errors import BrokenError
from upkeep.sources.objects import CHUNK

_POLL_S = 0.02
_PUNCH_EVERY = 16 * CHUNK
_PUNCH_AND_KEEP_SIZE = 3
# Read once more after the dump: it names everything else, so it stays whole.
TABLE_OF_CONTENTS = "toc.dat"


@dataclass
class Followed:
    """One growing file as a stream: `read` waits for more until nobody writes it any longer."""

    path: Path
    spool: "Spool"

    def __post_init__(self) -> None:
        self._file = self.path.open("rb", buffering=0)
        self._done = self._punched = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes; empty at the end. Raises RuntimeError when the dump was given up."""
        while True:
            if self.spool.given_up.is_set():
                raise RuntimeError("the dump was given up")
            finished = self._finished()
            data = self._file.read(size if size > 0 else CHUNK)
            if data or finished:
                self._consumed(data)
                return data
            self._give_back()
            time.sleep(_POLL_S)

    def close(self) -> None:
        """Remove it: it has been read whole."""
        self._file.close()
        if self.path.name != TABLE_OF_CONTENTS:
            self.path.unlink()

    def _consumed(self, data: bytes) -> None:
        self._done += len(data)
        if self._done - self._punched >= _PUNCH_EVERY:
            self._give_back()

    def _give_back(self) -> None:
        if self.path.name != TABLE_OF_CONTENTS and self._done > self._punched:
            _punch(self.path, self._punched, self._done - self._punched)
            self._punched = self._done

    def _finished(self) -> bool:
        return self.spool.ended.is_set() or not _is_written(self._file.fileno())


@dataclass
class Spool:
    """The folder, the process that fills it, and the threads that empty it. `limit` is in bytes."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    limit: int
    given_up: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    held: bool = False

    def drain(self, take: Callable[[Followed], None], jobs: int, tick: Callable[[int], None]) -> None:
        """
        Give every file to `take` as soon as it appears, `jobs` at a time, until the process has ended and all are taken.

        `tick` is told the bytes that wait, now and then. The first error of a `take` ends the dump and is raised.
        """
        files: queue.Queue[Path | None] = queue.Queue()
        with ThreadPoolExecutor(jobs, "spool") as pool:
            takers = [pool.submit(self._taker, files, take) for _ in range(jobs)]
            try:
                for path in self._appearing(takers, tick):
                    files.put(path)
                for _ in takers:
                    files.put(None)
                for taker in takers:
                    taker.result()
            except BaseException:
                self.give_up()
                for _ in takers:
                    files.put(None)
                raise

    def give_up(self) -> None:
        """Kill the process and let every reader end."""
        self.given_up.set()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _taker(self, files: "queue.Queue[Path | None]", take: Callable[[Followed], None]) -> None:
        while (path := files.get()) is not None and not self.given_up.is_set():
            followed = Followed(path, self)
            take(followed)
            followed.close()

    def _appearing(self, takers: "list[Future[None]]", tick: Callable[[int], None]) -> Iterator[Path]:
        seen: set[str] = set()
        while not self.ended.is_set():
            if self.process.poll() is not None:
                self.ended.set()
            _raise_first(takers)
            entries = list(self.folder.iterdir()) if self.folder.is_dir() else []
            yield from (path for path in sorted(entries, key=_order) if path.name not in seen)
            seen.update(path.name for path in entries)
            waiting = sum(map(_room, entries))
            self._hold(waiting > self.limit)
            tick(waiting)
            time.sleep(_POLL_S)

    def _hold(self, full: bool) -> None:  # noqa: FBT001 - one of two signals
        if full is not self.held and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGSTOP if full else signal.SIGCONT)
            self.held = full


def _raise_first(takers: "list[Future[None]]") -> None:
    for taker in takers:
        if taker.done():
            taker.result()


def _order(path: Path) -> float:
    try:
        return path.stat().st_ctime
    except FileNotFoundError:
        return 0


def _room(path: Path) -> int:
    try:
        return path.stat().st_blocks * 512
    except FileNotFoundError:
        return 0


def _is_written(file: int) -> bool:
    """Whether a process has it open for writing: the kernel gives a read lease only when none has."""
    try:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except (OSError, AttributeError):
        return True  # where leases are unknown a file ends with the process
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _punch(path: Path, start: int, length: int) -> None:
    punch = getattr(_libc, "fallocate", None)
    if punch:  # where it is not possible the room comes back when the file is removed
        with path.open("r+b") as file:
            punch(file.fileno(), _PUNCH_AND_KEEP_SIZE, ctypes.c_long(start), ctypes.c_long(length))


@contextmanager
def spool_folder(owner: str) -> Iterator[Path]:
    """
    A local folder for one piece of work, empty. `owner` names what only one process does at a time, as by a claim.

    What a killed run left is removed first, its programs too: a stopped one would not have noticed that its parent is gone.
    """
    name = hashlib.sha256(owner.encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"upkeep-backup-{name}"
    _end_programs_of(folder)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise BrokenError(f"no local folder for the dump: {error}", "make room in TMPDIR of the worker", retry=True) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end_programs_of(folder: Path) -> None:
    """Kill PostgreSQL's programs that were started on this folder; where there is no /proc, none is known."""
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            said = words.read_bytes()
            if str(folder).encode() in said and b"/pg_" in said:
                os.kill(int(words.parent.name), signal.SIGKILL)


_libc = ctypes.CDLL(None)
