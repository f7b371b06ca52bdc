"""`python -m tests.kill.maintenance`: every fault at every moment of vacuum and statistics, then a rerun, as a table."""

import argparse
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.jobs.database.world import Two
from tests.kill.table import JobMatrix, print_matrix
from tests.kill.world import Point, World, world
from tests.lab import asking
from upkeep.answer import Status
from upkeep.duty import Duty, Progress
from upkeep.jobs.database.statistics import statistics
from upkeep.jobs.database.vacuum import vacuum
from upkeep.maintenance.session import Done, Maintenance
from upkeep.maintenance.work import Journal, Outcome, Work
from upkeep.runner import ask
from upkeep.store.answers import Provenance, connected
from upkeep.store.claims import Times
from upkeep.store.table_maintenance import StoredJournal
from upkeep.targets.database import Database

FAULTS = ("SIGKILL", "server killed", "network cut", "report db cut")
JOBS: dict[str, Duty] = {"vacuum": vacuum, "statistics": statistics}
TABLES = ("a", '"B ä"')
# Slow enough that a fault strikes while a table is being vacuumed.
SLOW = {"vacuum": {"cost_delay_ms": 5, "cost_limit": 50}, "statistics": {}}
DURING_S = 0.05
_FILL = "create table {0} as select n as id, repeat('x', 100) as text from generate_series(1, 5000) as n"
_WRONG = {
    "vacuum": "select relname from pg_class where relname in ('a', 'B ä') and (relallvisible < relpages or relallvisible = 0)",
    "statistics": "select name from unnest(array['a', 'B ä']) as name where name not in (select tablename from pg_stats)",
}
_CONTENT = "select count(*), sum(id), md5(string_agg(text, '' order by id)) from {0}"


class WatchedJournal(StoredJournal):
    """The real journal, whose rows are moments."""

    point: Point

    def put(self, work: Work) -> None:
        """Before and after each."""
        self.point(f"row {work.outcome} of {work.table_name}")
        super().put(work)
        self.point(f"row {work.outcome} of {work.table_name} is there")


@contextmanager
def watched_statements(point: Point) -> Iterator[None]:
    """Before, during and after each statement of the session that works are moments."""
    original = Maintenance.do

    def do(self: Maintenance, statement: Any, settings: Any, limit_s: float, oid: int | None = None) -> Done:
        name = statement.as_string(None).rsplit(") ", 1)[-1]
        point(f"before {name}")
        during = threading.Timer(DURING_S, lambda: point(f"during {name}"))
        during.start()
        done = original(self, statement, settings, limit_s, oid)
        during.join()
        point(f"after {name}")
        return done

    Maintenance.do = do  # type: ignore[method-assign]
    try:
        yield
    finally:
        Maintenance.do = original  # type: ignore[method-assign]


@dataclass
class Cells:
    """Two servers behind proxies, and what one job is to bring about."""

    made: World
    work: str

    def run(self, made: World, point: Point) -> None:
        """The job, as a task runs it."""
        duty, by = JOBS[self.work], Provenance("monthly", "r", "t", 0, 1, datetime.now(UTC), 0)
        source = replace(made.source.endpoint("shop"), port=made.to_source.port)
        fields: dict[str, Any] = {"maintenance": {"login": "work"}, "thresholds": {duty.name: SLOW[self.work]}}
        target = Database(name="shop", owner="o", connection="check", **fields)
        report = replace(made.report.endpoint("report"), port=made.to_report.port)
        asked = asking(duty, target, Two(source, source))

        def progress(step: str, text: str = "") -> None:
            point(f"step {step} {text.partition(' (')[0]}")

        with connected(report) as connection, watched_statements(point):
            journal = WatchedJournal(connection, asked.key, by, times=Times(wait_s=20))
            journal.point = point
            given: dict[type, Any] = {Journal: journal, Progress: progress}
            answer = ask(replace(asked, database=connection), given)
        if answer.status is not Status.OK:
            raise AssertionError(answer)

    def reset(self) -> None:
        """Two tables that need it, and no rows."""
        self.made.heal()
        (self.made.folder / "child.log").write_text("")
        with self.made.report.endpoint("report").connect("kill") as connection:
            connection.execute("delete from upkeep.table_maintenance")
        with self.made.source.endpoint("shop").connect("kill") as connection:
            for table in TABLES:
                connection.execute(f"drop table if exists {table}".encode())
                connection.execute(_FILL.format(table).encode())
                if self.work == "vacuum":
                    connection.execute(f"analyze {table}".encode())
                    connection.execute(f"delete from {table} where id % 2 = 0".encode())
            self.meant = [connection.execute(_CONTENT.format(table).encode()).fetchone() for table in TABLES]

    def points(self) -> list[str]:
        """The names of every moment of an undisturbed run."""
        self.reset()
        names = self.made.folder / "points"
        names.unlink(missing_ok=True)
        code = self.made.child(self.run, None, lambda: None)
        assert code == 0, self.log()
        assert not self.wrong(), self.wrong()
        return names.read_text().splitlines()

    def cell(self, chosen: int, fault: str) -> list[str]:
        """Strike, rerun; what is not healed, in words."""
        self.reset()
        self.made.child(self.run, chosen, self.made.faults()[fault])
        self.made.heal()
        code = self.made.child(self.run, -1, lambda: None)
        return [*([f"the rerun ended with {code}: {self.log()[-400:]}"] if code else []), *self.wrong()]

    def log(self) -> str:
        """What the children said."""
        return (self.made.folder / "child.log").read_text(errors="replace")[-3000:]

    def wrong(self) -> list[str]:
        """Everything that is not as it must be after a healed run."""
        with self.made.report.endpoint("report").connect("kill") as connection:
            rows = connection.execute("select table_name, outcome from upkeep.table_maintenance").fetchall()
        found = [f"a row of {name} is left {outcome}" for name, outcome in rows if outcome == Outcome.RUNNING]
        found += [] if rows else ["nothing was recorded"]
        with self.made.source.endpoint("shop").connect("kill") as connection:
            found += [f"{name} was not done" for (name,) in connection.execute(_WRONG[self.work].encode()).fetchall()]
            there = [connection.execute(_CONTENT.format(table).encode()).fetchone() for table in TABLES]
        return found + ([] if there == self.meant else ["rows were changed"])


@contextmanager
def cells(folder: Path, work: str) -> Iterator[Cells]:
    """A world for one job, without autovacuum, which would do the work."""
    with world(folder, "alter system set autovacuum = off") as made:
        with made.source.endpoint("shop").connect("kill") as connection:
            connection.execute("select pg_reload_conf()")
        yield Cells(made, work)


def main() -> int:
    """Print the table; exit code 1 when anything was not healed."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--work", choices=JOBS, action="append", help="only this; may be given again")
    given.add_argument("--each", type=int, default=1, help="only each so many-th moment")
    options = given.parse_args()
    return print_matrix(_jobs(options.work or JOBS), options.each)


def _jobs(works: Iterable[str]) -> Iterator[JobMatrix]:
    for work in works:
        with tempfile.TemporaryDirectory(prefix="upkeep-kill-") as folder, cells(Path(folder), work) as table:
            yield JobMatrix(work, table.points(), FAULTS, table.cell)


if __name__ == "__main__":
    sys.exit(main())
