"""An application that reads and writes all the time notices nothing of vacuum and statistics, whatever else goes on."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.jobs.database.world import Kept, run
from tests.lab import Lab
from upkeep.jobs.database.statistics import statistics
from upkeep.jobs.database.vacuum import vacuum
from upkeep.maintenance.work import Outcome

LONGEST_S = 2.0


@dataclass
class Application:
    """What its statements took, and what went wrong."""

    took: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextmanager
def using(lab: Lab, statements: tuple[str, ...]) -> Iterator[Application]:
    """Two sessions, each running all of these over and over while inside."""
    import psycopg

    seen, ends = Application(), threading.Event()

    def work() -> None:
        with lab.endpoint.connect("application") as session:
            while not ends.is_set():
                for statement in statements:
                    begun = time.monotonic()
                    try:
                        session.execute(statement.encode())
                    except psycopg.Error as error:
                        seen.errors.append(str(error))
                    seen.took.append(time.monotonic() - begun)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        ends.set()
        for thread in threads:
            thread.join()


@pytest.mark.slow
def test_nobody_waits_and_nothing_fails(lab: Lab) -> None:
    for table in ("orders", "visits", "locked"):
        lab.run(f"create table {table} as select n as id, repeat('x', 200) as text from generate_series(1, 20000) as n")
        lab.run(f"create index on {table} (id)")
        lab.run(f"analyze {table}")
        lab.run(f"delete from {table} where id % 2 = 0")
    report = lab.session(application="report", autocommit=False)
    report.execute("set transaction isolation level repeatable read")
    report.execute("select count(*) from visits")
    holder = lab.session(autocommit=False)
    holder.execute("lock table locked in share mode")
    changes = (
        "update orders set text = 'y' where id = 1 + 2 * (random() * 9999)::int", "select count(*) from visits where id < 100",
        "insert into visits values (1, 'z')", "begin; lock table orders in access exclusive mode; commit",
        "alter table visits alter text set statistics 100",
    )  # fmt: skip
    kept = Kept()
    with using(lab, changes) as application:
        for _ in range(3):
            run(lab, vacuum, kept, cost_delay_ms=2, cost_limit=200)
            run(lab, statistics, kept)
    assert application.errors == []
    assert len(application.took) > 100
    assert max(application.took) < LONGEST_S
    outcomes = {(work.table_name, work.outcome) for work in kept.past()}
    assert ("public.locked", Outcome.LOCKED) in outcomes
    assert ("public.orders", Outcome.RUNNING) not in outcomes
