"""Two scratch servers, a store and local room on small file systems, and faults that strike at a chosen point of a child."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.kill.proxy import Proxy
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.store.answers import Provenance
from upkeep.store.backups import StoredRegistry
from upkeep.store.claims import Times
from upkeep.store.migrate import migrate
from upkeep.window import Window

ROOM = "8m"
LONGEST_S = 60
FILLER = "filler"


class Point:
    """Counts the moments of a child's work; at the chosen one the fault strikes. Without a fault it writes their names down."""

    def __init__(self, chosen: int | None, fault: Callable[[], None], names: Path) -> None:
        self._chosen, self._fault, self._names, self._count = chosen, fault, names, 0
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        """One more moment."""
        if self._chosen is None:
            with self._names.open("a") as file:
                file.write(f"{name}\n")
            return
        with self._lock:
            mine, self._count = self._count, self._count + 1
        if mine == self._chosen:
            self._fault()


class WatchedFile:
    """A file being written, whose end is a moment."""

    def __init__(self, inner: Any, point: Point, name: str) -> None:
        self._inner, self._point, self._name = inner, point, name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def commit(self) -> None:
        """Getting its name is a moment."""
        self._point(f"commit {self._name}")
        self._inner.commit()


class WatchedFiles:
    """fsspec's filesystem of a folder, whose reads, writes and deletions are moments."""

    def __init__(self, inner: Any, point: Point) -> None:
        self._inner, self._point = inner, point

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def open(self, path: str, mode: str = "rb", **more: Any) -> Any:
        """Opening is a moment."""
        self._point(f"{'write' if 'w' in mode else 'read'} {Path(path).name}")
        file = self._inner.open(path, mode, **more)
        return WatchedFile(file, self._point, Path(path).name) if "w" in mode else file

    def mv(self, path: str, to: str) -> None:
        """Getting its name is a moment."""
        self._point(f"name {Path(to).name}")
        self._inner.mv(path, to)

    def rm_file(self, path: str) -> None:
        """Deleting is a moment."""
        self._point(f"delete {Path(path).name}")
        self._inner.rm_file(path)


class WatchedRegistry(StoredRegistry):
    """The real registry, whose writes are moments."""

    point: Point

    def _put(self, statement: str, params: Any) -> bool:
        self.point(f"row {params['state']}")
        return super()._put(statement, params)


@dataclass
class World:
    """Everything one cell needs. `store` and `local` are folders on file systems of their own where that is possible."""

    folder: Path
    source: ScratchServer
    report: ScratchServer
    to_source: Proxy
    to_report: Proxy
    store: Path
    local: Path
    small: bool

    @property
    def objects(self) -> ObjectStore:
        """The store, unwatched."""
        return open_store(self.store.as_uri())

    @contextmanager
    def registry(self, window: Window, point: Point | None = None) -> Iterator[StoredRegistry]:
        """Rows in the report database; watched ones go through the proxy, as a child does."""
        port = self.to_report.port if point else self.report.port
        provenance = Provenance("daily", "run", "backups.backup", 0, 1, window.end + timedelta(minutes=9), 0)
        with replace(self.report.endpoint("report"), port=port).connect("kill") as connection:
            registry = (WatchedRegistry if point else StoredRegistry)(connection, window, provenance, times=Times(wait_s=10))
            if isinstance(registry, WatchedRegistry) and point:
                registry.point = point
            yield registry

    def heal(self) -> None:
        """Undo what a fault did to servers, networks and disks, as an operator would; never to backups."""
        for proxy in (self.to_source, self.to_report):
            proxy.start()
        self.source.start()
        if (self.store.parent / "gone").exists():
            self.store.unlink()
            (self.store.parent / "gone").rename(self.store)
        for folder in (self.store.parent, self.local):
            (folder / FILLER).unlink(missing_ok=True)

    def child(self, work: "Callable[[World, Point], None]", chosen: int | None, fault: Callable[[], None]) -> int | str:
        """Run the work in a process of its own; its exit code, or "hung" when it had to be killed."""
        names = self.folder / "points"
        process = multiprocessing.get_context("fork").Process(
            target=_in_child, args=(self, work, Point(chosen, fault, names)), daemon=True
        )
        process.start()
        process.join(LONGEST_S)
        if process.is_alive():
            process.kill()
            process.join()
            return "hung"
        return int(process.exitcode or 0)

    def faults(self) -> dict[str, Callable[[], None]]:
        """What can strike, by name; each is called inside the child."""
        always = {
            "SIGKILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
            "server killed": self.source.kill,
            "network cut": self.to_source.stop,
            "report db cut": self.to_report.stop,
            "store gone": self._lose_store,
        }
        full = {"store full": lambda: fill(self.store.parent), "local disk full": lambda: fill(self.local)}
        return {**always, **(full if self.small else {})}

    def _lose_store(self) -> None:
        if not (self.store.parent / "gone").exists():
            self.store.rename(self.store.parent / "gone")
            self.store.touch()


@contextmanager
def world(folder: Path, schema: str) -> Iterator[World]:
    """Start everything in this folder; `schema` is run in the database that is to be backed up."""
    folder.chmod(0o755)
    with ExitStack() as stack:
        is_small = small(folder / "disk", stack) & small(folder / "local", stack)
        (folder / "disk/store").mkdir()
        source = _server(folder / "source", "shop", stack)
        with source.endpoint("shop").connect("kill") as connection:
            connection.execute(schema.encode())
        report = _server(folder / "report", "report", stack)
        migrate(report.endpoint("report"))
        proxies = Proxy(source.port), Proxy(report.port)
        for proxy in proxies:
            stack.callback(proxy.stop)
            proxy.start()
        yield World(folder, source, report, *proxies, folder / "disk/store", folder / "local", is_small)


def _server(folder: Path, database: str, stack: ExitStack) -> ScratchServer:
    server = ScratchServer(folder, free_port(), settings={"fsync": "off"})
    stack.callback(server.remove)
    server.start()
    with server.endpoint().connect("kill") as admin:
        admin.execute(f"create database {database}".encode())
    return server


def small(folder: Path, stack: ExitStack) -> bool:
    """Make it a file system of some megabytes; whether that is possible here."""
    folder.mkdir()
    args = ["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=755", "upkeep-kill", str(folder)]
    if os.geteuid() != 0 or subprocess.run(args, capture_output=True, check=False).returncode:
        return False
    stack.callback(subprocess.run, ["umount", "-l", str(folder)], check=False)
    return True


def fill(folder: Path) -> None:
    """Write until nothing more goes in."""
    with (folder / FILLER).open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue


def _in_child(made: World, work: "Callable[[World, Point], None]", point: Point) -> None:
    log = (made.folder / "child.log").open("a")
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    os.environ["TMPDIR"] = tempfile.tempdir = str(made.local)
    code = 1
    try:
        work(made, point)
        code = 0
    except Exception:  # noqa: BLE001 - what a task would turn red with; the log keeps it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def leftovers(folder: Path) -> list[str]:
    """What is in a folder that should be empty."""
    return sorted(path.name for path in folder.iterdir())


def emptied(folder: Path) -> None:
    """Remove what is in it, not the folder."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
