"""
The rows of a backup into a database whose definitions are there already, several objects at a time.

An object that turns out damaged ends its transaction before its rows are committed.
"""

import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.backups import definitions, programs, sequences, tables
from upkeep.backups.destination import Destination
from upkeep.backups.manifest import Content, DamagedError, Manifest, StoredObject
from upkeep.backups.names import quoted
from upkeep.backups.psql import failure
from upkeep.backups.unpacking import raw_name, unpack
from upkeep.humanize import plural, size
from upkeep.sources.keepalives import Flow, keepalive_conninfo
from upkeep.sources.libpq import without_variable
from upkeep.sources.objects import ObjectStore
from upkeep.sources.vanished import SignsOfLife

if TYPE_CHECKING:
    import psycopg


@dataclass
class RowsIn:
    """One backup's rows on their way into `into`, by programs of `folder`."""

    place: ObjectStore
    manifest: Manifest
    into: Destination
    folder: Path
    major: int
    keys: Sequence[Any] = ()
    jobs: int = 2
    args: Sequence[str] = ()  # for pg_restore
    _done: int = 0
    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._alive = SignsOfLife(self.into.endpoint, self.into.application)

    def run(self, tick: Callable[[Callable[[], str]], None]) -> None:
        """Load everything; `tick` is called about every second with what to say. The first error ends the others' work."""
        work = [(stored, self._loader(stored)) for stored in self._objects()]
        with self._alive, ThreadPoolExecutor(self.jobs, "load") as pool:
            waiting = [pool.submit(self._load, stored, load) for stored, load in work]
            while True:
                done, left = wait(waiting, 1, FIRST_EXCEPTION)
                failed = next((each for each in done if each.exception()), None)
                if failed or not left:
                    break
                tick(self.progress)
            self._stop.set()
            for each in waiting:
                each.cancel()
        for each in [failed] if failed else waiting:
            each.result()

    def progress(self) -> str:
        """How far it is, in words."""
        with self._lock:
            return f"{self._done} of {plural(len(self.manifest.objects), 'object')}, {size(self._bytes)} loaded"

    def _objects(self) -> list[StoredObject]:
        """Those that hold rows, the largest first."""
        found = {stored.name: stored for stored in self.manifest.objects}
        named = {name for content in self.manifest.contents for name in content.objects}
        if missing := sorted(named - found.keys()):
            raise DamagedError(f"the manifest knows rows in {', '.join(missing[:3])}, but no such object")
        others = (sequences.OBJECT, definitions.LARGE_OBJECTS)
        chosen = [each for name, each in found.items() if name in named or raw_name(name) in others]
        return sorted(chosen, key=lambda stored: -stored.raw_bytes)

    def _loader(self, stored: StoredObject) -> Callable[[StoredObject], None]:
        name = raw_name(stored.name)
        if name == definitions.LARGE_OBJECTS:
            return self._large_objects
        if name.endswith(".sql"):
            return self._script
        content = next(content for content in self.manifest.contents if stored.name in content.objects)
        return lambda each: self._copy(each, content)

    def _load(self, stored: StoredObject, load: Callable[[StoredObject], None]) -> None:
        if self._stop.is_set():
            return
        load(stored)
        with self._lock:
            self._done, self._bytes = self._done + 1, self._bytes + stored.raw_bytes

    def _copy(self, stored: StoredObject, content: Content) -> None:
        from psycopg.copy import LibpqWriter

        alone = len(content.objects) == 1 and not content.root and not content.of_extension
        name = content.root or content.name
        with self.into.session() as connection, self._alive.ending_session(connection), connection.transaction():
            settle(connection, self.manifest.encoding)
            if alone:  # then its rows need no log on a server that keeps none, and no second visit by their readers
                connection.execute(f"truncate only {quoted(*name)}".encode(connection.info.encoding))
            statement = tables.copy_in(name, content.columns, self.manifest.encoding, frozen=alone)
            cursor = connection.cursor()
            # The driver's usual writer would hold back up to 1,024 buffers.
            writer = LibpqWriter(cursor)
            with cursor.copy(statement.encode(connection.info.encoding), writer=writer) as copy:
                unpack(self.place, stored, copy.write, self.keys)

    def _script(self, stored: StoredObject) -> None:
        encoding = tables.encodings(self.manifest.encoding)
        environment = {**programs.environment(self.into.endpoint, self.into.application), "PGCLIENTENCODING": encoding}
        args = ("-Xq", "-1", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose", "-v", "SHOW_CONTEXT=never", "-o", "/dev/null")
        own = without_variable(self.into.endpoint.options)
        begin = f"set transaction read write; {tables.set_local(self.major)};\n".encode()
        with tempfile.TemporaryFile() as stderr:
            process = programs.popen(
                self.folder / "psql", *args, "-f", "-", "-d", keepalive_conninfo(self.into.database, Flow.IN, own=own),
                env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stderr,
            )  # fmt: skip
            self._pour(process, stored, begin)
            stderr.seek(0)
            text = stderr.read().decode(errors="replace")
            if process.returncode or text.strip():
                raise failure(text)

    def _large_objects(self, stored: StoredObject) -> None:
        with tempfile.TemporaryFile() as stderr:
            restoring = definitions.PgRestore(
                self.folder / "pg_restore", self.into.endpoint, self.into.application, self.major, self.args
            )  # fmt: skip
            process = restoring.large_objects(stderr)
            self._pour(process, stored, b"")
            stderr.seek(0)
            text = stderr.read().decode(errors="replace")
            if process.returncode or text.strip():
                raise programs.complaint("pg_restore of large objects", process.returncode, text)

    def _pour(self, process: "subprocess.Popen[bytes]", stored: StoredObject, first: bytes) -> None:
        """Write an object to a program's standard input. It is killed before it could take damage for the end."""
        assert process.stdin  # noqa: S101 - it is a pipe
        try:
            with self._alive.ending(lambda: programs.kill(process)):
                with suppress(BrokenPipeError):  # it went away; what it said tells why
                    process.stdin.write(first)
                    unpack(self.place, stored, process.stdin.write, self.keys)
                with suppress(BrokenPipeError):
                    process.stdin.close()
                process.wait()
        except BaseException:
            programs.kill(process)
            raise


def settle(connection: "psycopg.Connection[Any]", encoding: str) -> None:
    """Give a session that copies rows, for its transaction, the settings of those that copied them out."""
    major = connection.info.server_version // 10000
    connection.execute(f"set local client_encoding = '{tables.encodings(encoding)}'".encode())
    connection.execute(tables.set_local(major).encode())
