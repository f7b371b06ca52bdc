"""`python -m tests.kill.drills`: every fault at every moment of a restore test and of a drill, then a rerun, as a table."""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.kill.matrix import NAME_OF_IT, WINDOW, Connected, Matrix, matrix
from tests.kill.table import JobMatrix, print_matrix
from tests.kill.world import Point, World
from tests.lab import Past
from upkeep.answer import Answer, Status
from upkeep.backups.registry import State
from upkeep.jobs.backups.disaster_drill import disaster_drill
from upkeep.jobs.backups.restore_test import restore_test
from upkeep.sources.scratch_folder import PREFIX
from upkeep.sources.watchdog import postmaster
from upkeep.targets.database import Backup, Database

FAULTS = ("SIGKILL", "scratch killed", "network cut", "report db cut", "store gone")
STEPS = [
    {"name": "restore it", "restore": "newest", "expected": "1 h", "covers": ["server", "roles", "left out"]},
    {"name": "starts", "check": "starts", "expected": "1 h"},
    {"name": "rows", "query": 'select count(*) from "Kunde ä"', "expect": 2000, "expected": "1 h"},
    {"name": "its own", "command": ["psql", "-XAtc", "select 1"], "expected": "1 h"},
]
ENDS_WITHIN_S = 30.0


def database(made: World) -> Database:
    """The target, with a plan and a question."""
    smoke: Any = [{"name": "rows", "sql": 'select count(*) from "Kunde ä"', "expect": 2000}]
    plan = Backup(to=made.store.as_uri(), jobs=1)
    return Database(name=NAME_OF_IT, owner="o", connection="c", backup=plan, smoke=smoke, drill="plan.yaml")


def own(made: World) -> Path:
    """Where copies are made."""
    return made.folder / "own"


def _settle(made: World) -> None:
    """As a worker is set up: its temp folder, and the plan beside the inventory."""
    os.environ["TMPDIR"] = tempfile.tempdir = str(own(made))
    os.environ["UPKEEP_INVENTORY"] = str(own(made) / "inventory.yaml")
    (own(made) / "plan.yaml").write_text(yaml.safe_dump({"steps": STEPS}))


def run_restore_test(made: World, point: Point) -> None:
    """The job, as a task runs it: the newest restored, the others read back."""
    _settle(made)
    none: Any = lambda *_: []  # noqa: E731 - no earlier tests
    with made.registry(WINDOW, point) as registry:
        _fine(restore_test.ask(database(made), Connected(made, point), registry, none, Past(), _progress(point), drawn=0, jobs=1))


def run_drill(made: World, point: Point) -> None:
    """The job, as a task runs it."""
    _settle(made)
    with made.registry(WINDOW, point) as registry:
        _fine(disaster_drill.ask(database(made), Connected(made, point), registry, _progress(point)))


WORKS: dict[str, Callable[[World, Point], None]] = {"restore_test": run_restore_test, "disaster_drill": run_drill}


def _progress(point: Point) -> Any:
    return lambda step, text="": point(f"step {step}")  # noqa: ARG005 - the text holds names that change


def _fine(answer: Answer) -> None:
    if answer.status is not Status.OK:
        raise AssertionError(answer.summary)


def servers(made: World) -> list[int]:
    """Scratch servers that are alive."""
    found = (postmaster(folder / "data") for folder in own(made).glob(f"{PREFIX}*"))
    return [pid for pid in found if pid is not None]


@dataclass
class Cells:
    """A world with three backups, and one job that must change none of them."""

    table: Matrix
    work: str

    @property
    def made(self) -> World:
        """Servers and folders."""
        return self.table.made

    def faults(self) -> dict[str, Callable[[], None]]:
        """What can strike, by name; each is called inside the child."""
        return {**self.made.faults(), "scratch killed": self._kill_scratch}

    def points(self) -> list[str]:
        """The names of every moment of an undisturbed run."""
        self.table.reset()
        names = self.made.folder / "points"
        names.unlink(missing_ok=True)
        code = self.made.child(WORKS[self.work], None, lambda: None)
        assert code == 0, self.table.log()
        assert not self.wrong(), self.wrong()
        return names.read_text().splitlines()

    def cell(self, chosen: int, fault: str) -> list[str]:
        """Strike, look at what is left, rerun; what is not healed, in words."""
        self.table.reset()
        self.made.child(WORKS[self.work], chosen, self.faults()[fault])
        self.made.heal()
        left = [] if self._all_ended() else ["a scratch server outlives its task"]
        code = self.made.child(WORKS[self.work], -1, lambda: None)
        return [*left, *([f"the rerun ended with {code}: {self.table.log()[-300:]}"] if code else []), *self.wrong()]

    def wrong(self) -> list[str]:
        """Everything that is not as it must be after a healed run."""
        with self.made.registry(WINDOW) as registry:
            rows, restores = registry.records(NAME_OF_IT), registry.restorations(NAME_OF_IT)
        complete = {each.id: each for each in rows if each.state is State.COMPLETE}
        found = [f"backup {each.id} was touched" for each in self.table.records if complete.get(each.id) != each]
        found += [f"restore {each.id} is left running" for each in restores if each.state == "running"]
        found += [] if restores and restores[0].state == "proven" else ["the last restore is not proven"]
        found += [f"{path.name} is left" for path in own(self.made).glob("upkeep-*")]
        with self.made.report.endpoint("report").connect("kill") as connection:
            claims = connection.execute("select name from upkeep.claim").fetchall()
        return found + [f"{name} is left claimed" for (name,) in claims]

    def _all_ended(self) -> bool:
        deadline = time.monotonic() + ENDS_WITHIN_S
        while servers(self.made) and time.monotonic() < deadline:
            time.sleep(0.1)
        return not servers(self.made)

    def _kill_scratch(self) -> None:
        for pid in servers(self.made):
            os.kill(pid, signal.SIGKILL)


@contextmanager
def cells(folder: Path, work: str) -> Iterator[Cells]:
    """A world for one job."""
    with matrix(folder) as table:
        own(table.made).mkdir()
        own(table.made).chmod(0o755)
        yield Cells(table, work)


def main() -> int:
    """Print the table; exit code 1 when anything was not healed."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--work", choices=WORKS, action="append", help="only this; may be given again")
    given.add_argument("--fault", choices=FAULTS, action="append", help="only this; may be given again")
    given.add_argument("--each", type=int, default=1, help="only each so many-th moment")
    options = given.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    return print_matrix(_jobs(options.work or WORKS, options.fault or FAULTS), options.each)


def _jobs(works: Iterable[str], faults: Sequence[str]) -> Iterator[JobMatrix]:
    for work in works:
        with tempfile.TemporaryDirectory(prefix="upkeep-kill-") as folder, cells(Path(folder), work) as table:
            yield JobMatrix(work, table.points(), faults, table.cell)


if __name__ == "__main__":
    sys.exit(main())
