"""`python -m tests.kill.small`: jobs of few steps struck at every statement, call and step, then run again, as a table."""

import argparse
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psycopg

from tests.drills.world import World as Shop
from tests.drills.world import world_of
from tests.jobs.database.metadata_world import Command, aged, archives
from tests.jobs.database.test_metadata_retention import World as Metadata
from tests.jobs.dependencies.test_fetch_advisories import World as Advisories
from tests.kill.deploying import Deploying
from tests.kill.table import JobMatrix, print_matrix
from tests.kill.world import LONGEST_S, Point
from tests.lab import Lab, fresh_database
from upkeep.advisories.index import SETTING
from upkeep.advisories.knowledge import read_knowledge
from upkeep.answer import Answer, Status
from upkeep.decisions.plan import Plan
from upkeep.errors import BrokenError
from upkeep.jobs.backups.heartbeat import heartbeat
from upkeep.jobs.database.metadata_command import MetadataCommand
from upkeep.sources.objects import ObjectStore
from upkeep.sources.scratch import ScratchServer, free_port

FAULTS = ("SIGKILL", "fails there")
FILES = 5


class Work(Protocol):
    """One job with its world."""

    def reset(self) -> None:
        """As before any run."""

    def run(self, point: Point) -> None:
        """The job, as a task runs it."""

    def struck(self) -> list[str]:
        """What does not hold right after a strike."""

    def wrong(self) -> list[str]:
        """What is not as it must be after a run that ended well."""


@dataclass
class Beating:
    """heartbeat: one row, of now."""

    lab: Lab
    folder: Path
    world: Shop = field(init=False)

    def __post_init__(self) -> None:
        self.world = world_of(self.lab, self.folder)

    def reset(self) -> None:
        """No table yet."""
        self.lab.run("drop schema if exists upkeep_heartbeat cascade")
        self.begun = self.lab.value("select clock_timestamp()")

    def run(self, point: Point) -> None:
        """With every statement a moment."""
        _watch(point)
        _fine(self.world.ask(heartbeat, fields={"heartbeat": True}))

    def struck(self) -> list[str]:
        """Never two rows."""
        there = self.lab.value("select to_regclass('upkeep_heartbeat.heartbeat') is not null")
        rows = self.lab.value("select count(*) from upkeep_heartbeat.heartbeat") if there else 0
        return [f"{rows} rows"] if rows > 1 else []

    def wrong(self) -> list[str]:
        """One row of this run."""
        at = self.lab.value("select max(beat_at) from upkeep_heartbeat.heartbeat")
        return [*self.struck(), *([] if at and at > self.begun else [f"the row is of {at}"])]


@dataclass
class Cleaning:
    """metadata_retention: what was approved is gone, what is young is there, and no copy is left behind."""

    lab: Lab
    folder: Path
    plan: Plan | None = None

    @property
    def world(self) -> Metadata:
        """The job, with a stand-in for the program."""
        return Metadata(self.lab, Command())

    def reset(self) -> None:
        """A year of rows, and a plan that was approved."""
        with self.lab.endpoint.connect("plant") as connection:
            names = [name for (name,) in archives(connection)] + ["log", "job", "dag_run", "alembic_version"]
            connection.execute(f"drop table if exists {', '.join(names)}".encode())
        aged(self.lab)
        with _standing_in(Command()):
            self.plan = self.world.plan(batch_rows=100)

    def run(self, point: Point) -> None:
        """What follows the approval. Its statements and the program's batches are moments."""
        assert self.plan
        _watch(point)
        # As the real one, no two runs of the program give a copy the same name.
        with _standing_in(Striking(point=point, steps=os.getpid() * 1000)):
            _fine(self.world.apply(self.plan))

    def struck(self) -> list[str]:
        """Nothing young ever goes."""
        assert self.plan
        young = 399 - self.plan.steps["tables"]["log"]
        found = self.lab.value(f"select count(*) from log where dttm >= '{self.plan.steps['clean_before']}'")
        return [] if found == young else [f"{found} of {young} young rows are left"]

    def wrong(self) -> list[str]:
        """All that was approved is gone."""
        assert self.plan
        old = self.lab.value(f"select count(*) from log where dttm < '{self.plan.steps['clean_before']}'")
        old += self.lab.value("select count(*) from job")
        left = [name for (name,) in self.world.archives()]
        return [*self.struck(), *([f"{old} old rows are left"] if old else []), *(f"{name} is left" for name in left)]


@dataclass
class Striking(Command):
    """The program, each of whose steps is a moment."""

    point: Callable[[str], None] = print

    def step(self) -> None:
        """One more."""
        super().step()
        self.point("program's step")


@dataclass
class Fetching:
    """fetch_advisories: every file is whole or not there, and a rerun has them all, and their index."""

    lab: Lab
    folder: Path
    world: Advisories = field(init=False)

    def __post_init__(self) -> None:
        self.world = Advisories(self.folder)

    def reset(self) -> None:
        """Nothing kept, here or there."""
        os.environ[SETTING] = str(self.folder / "cache")
        for folder in (self.world.kept, self.folder / "cache"):
            shutil.rmtree(folder, ignore_errors=True)

    def run(self, point: Point) -> None:
        """Every call of the store is a moment."""
        place = self.world.place
        _fine(self.world.run(ObjectStore(EveryCall(place.filesystem, point), place.root, place.url)))

    def struck(self) -> list[str]:
        """What is there is whole."""
        try:
            known = len(read_knowledge(self.world.place).advisories)
        except BrokenError:
            return []  # it says that it is not there yet
        return [] if known == 2 else [f"{known} advisories of 2"]

    def wrong(self) -> list[str]:
        """All files."""
        files = self.world.files()
        return [*self.struck(), *([] if len(files) == FILES and "fetched.json" in files else [f"kept are {files}"])]


class EveryCall:
    """A file system whose every call is a moment, before and after."""

    def __init__(self, inner: Any, point: Point) -> None:
        self._inner, self._point = inner, point

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found) or name.startswith("_"):
            return found

        def called(*args: Any, **more: Any) -> Any:
            self._point(f"before {name}")
            done = found(*args, **more)
            self._point(f"after {name}")
            return done

        return called


WORKS: dict[str, Callable[[Lab, Path], Work]] = {
    "heartbeat": Beating,
    "metadata_retention": Cleaning,
    "fetch_advisories": Fetching,
    "import_deployments": lambda lab, folder: Deploying(lab, folder, _watch),
}


@contextmanager
def _standing_in(command: Command) -> Iterator[None]:
    """Airflow's program, in a child of ours or for a moment."""
    real = MetadataCommand.__call__

    def run(self: MetadataCommand, *args: str) -> str:
        return command.run(self.endpoint, self.reads, args)

    MetadataCommand.__call__ = run  # type: ignore[method-assign]
    try:
        yield
    finally:
        MetadataCommand.__call__ = real  # type: ignore[method-assign]


def _watch(point: Point) -> None:
    """Both sides of every statement of this process are moments."""
    for name in ("execute", "executemany"):
        setattr(psycopg.Cursor, name, _watched(getattr(psycopg.Cursor, name), point))


def _watched(execute: Callable[..., Any], point: Point) -> Callable[..., Any]:
    def watched(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        message = " ".join((query.decode() if isinstance(query, bytes) else str(query)).split())[:40]
        point(f"before {message}")
        done = execute(self, query, *args, **more)
        point(f"after {message}")
        return done

    return watched


def _fine(answer: Answer) -> None:
    if answer.status is not Status.OK:
        raise AssertionError(answer)


def _fail() -> None:
    raise OSError("struck")


@dataclass
class Cells:
    """One job, put back before each cell."""

    work: Work
    folder: Path

    def points(self) -> list[str]:
        """The names of every moment of an undisturbed run."""
        self._reset()
        (self.folder / "points").unlink(missing_ok=True)
        code = self._child(Point(None, _fail, self.folder / "points"))
        assert code == 0, self.log()
        assert not self.work.wrong(), self.work.wrong()
        return (self.folder / "points").read_text().splitlines()

    def cell(self, chosen: int, fault: str) -> list[str]:
        """Strike, look, run again; what is not healed, in words."""
        self._reset()
        strike = _fail if fault == "fails there" else lambda: os.kill(os.getpid(), signal.SIGKILL)
        self._child(Point(chosen, strike, self.folder / "points"))
        struck = self.work.struck()
        code = self._child(Point(-1, _fail, self.folder / "points"))
        return [*struck, *([f"the rerun ended with {code}: {self.log()[-400:]}"] if code else []), *self.work.wrong()]

    def log(self) -> str:
        """What the children said."""
        return (self.folder / "log").read_text()[-3000:]

    def _reset(self) -> None:
        (self.folder / "log").write_text("")
        self.work.reset()

    def _child(self, point: Point) -> int | None:
        process = multiprocessing.get_context("fork").Process(target=self._run, args=(point,), daemon=True)
        process.start()
        process.join(LONGEST_S)
        if process.is_alive():
            process.kill()
            process.join()
        return process.exitcode

    def _run(self, point: Point) -> None:
        code, log = 1, (self.folder / "log").open("a")
        os.dup2(log.fileno(), 2)
        try:
            self.work.run(point)
            code = 0
        except Exception:  # noqa: BLE001 - what a task would turn red with; the log keeps it
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)


@contextmanager
def cells(folder: Path, lab: Lab, work: str) -> Iterator[Cells]:
    """A world for one job, in a folder and a database of its own."""
    (folder / "world").mkdir()
    yield Cells(WORKS[work](lab, folder / "world"), folder)


def main() -> int:
    """Print the table; exit code 1 when anything was not healed."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--work", choices=WORKS, action="append", help="only this; may be given again")
    given.add_argument("--each", type=int, default=1, help="only each so many-th moment")
    options = given.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    return print_matrix(_jobs(options.work or WORKS), options.each)


def _jobs(works: Iterable[str]) -> Iterator[JobMatrix]:
    with tempfile.TemporaryDirectory(prefix="upkeep-kill-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        server = ScratchServer(folder / "server", free_port(), settings={"fsync": "off"})
        stack.callback(server.remove)
        server.start()
        for work in works:
            (folder / work).mkdir()
            with fresh_database(server, work) as lab, cells(folder / work, lab, work) as table:
                yield JobMatrix(work, table.points(), FAULTS, table.cell)


if __name__ == "__main__":
    sys.exit(main())
