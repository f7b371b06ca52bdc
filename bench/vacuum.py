"""
Vacuum and analyze by need against `vacuumdb --analyze` over everything, where a tenth of the tables needs it.

Both on copies of one database on one server, one after the other: seconds, WAL of the server, and pages read or found in the
cache. Both without a pause. Ratios are by need over everything. Run: python -m bench.vacuum [tables] [rows of each]
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upkeep.duty import Deadline
from upkeep.jobs.database.statistics import statistics
from upkeep.jobs.database.vacuum import vacuum
from upkeep.maintenance.session import opened
from upkeep.maintenance.work import NoJournal
from upkeep.sources.postgres import Endpoint, session
from upkeep.sources.scratch import ScratchServer, free_port, installed
from upkeep.targets.database import Database

MAJOR = 18
FILL = (
    "create table t_{0} as select n as id, repeat('x', 200) as text from generate_series(1, {1}) as n; create index on t_{0} (id)"
)


@dataclass(frozen=True)
class Cost:
    """What one way took."""

    seconds: float
    wal: float
    pages: float


def make(endpoint: Endpoint, tables: int, rows: int) -> None:
    """Tables in good shape, of which each tenth then loses half of its rows."""
    with endpoint.connect("plant") as connection:
        for number in range(tables):
            connection.execute(FILL.format(number, rows).encode())
        connection.execute("vacuum (freeze, analyze)")
        for number in range(0, tables, 10):
            connection.execute(f"delete from t_{number} where id % 2 = 0".encode())


def by_need(endpoint: Endpoint) -> None:
    """Both jobs."""
    given: dict[str, Any] = {"journal": NoJournal(), "deadline": Deadline(time.monotonic() + 3600, 3600)}
    target = Database(name="bench", owner="bench", connection="bench")
    with session(endpoint, "bench") as pg, opened(endpoint, pg, "bench at work", lock_timeout_s=1) as work:
        for duty, more in ((vacuum, {"cost_delay_ms": 0}), (statistics, {})):
            duty.ask(target, work, progress=lambda *_: None, **given, **more)


def everything(server: ScratchServer, database: str) -> None:
    """The program that comes with PostgreSQL."""
    here = server.endpoint(database)
    args = [
        str(installed()[MAJOR] / "vacuumdb"),
        "--analyze",
        "-h",
        here.host,
        "-p",
        str(here.port),
        "-U",
        str(here.user),
        database,
    ]
    env = {**os.environ, "PGPASSFILE": str(server.passfile)}
    subprocess.run(args, check=True, env=env, capture_output=True)


def cost(server: ScratchServer, work: Callable[[], None]) -> Cost:
    """What a way takes on the server, with counters of the whole server."""
    question = "select wal_bytes::float8, (select sum(reads + hits) from pg_stat_io)::float8 from pg_stat_wal"
    with server.endpoint().connect("look") as connection:
        connection.execute("checkpoint")
        before = connection.execute(question).fetchall()[0]
        begun = time.perf_counter()
        work()
        took = time.perf_counter() - begun
        time.sleep(1.5)  # counters of sessions that ended come in a moment later
        after = connection.execute(question).fetchall()[0]
    return Cost(took, after[0] - before[0], after[1] - before[1])


def main() -> None:
    """Print both costs and their ratios."""
    tables, rows = (int(word) for word in (*sys.argv[1:], "200", "20000")[:2])
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = ScratchServer(Path(folder) / "server", free_port(), major=MAJOR, settings={"fsync": "off", "autovacuum": "off"})
        try:
            server.start()
            with server.endpoint().connect("plant") as connection:
                for name in ("one", "other"):
                    connection.execute(f"create database {name}".encode())
            for name in ("one", "other"):
                make(server.endpoint(name), tables, rows)
            need = cost(server, lambda: by_need(server.endpoint("one")))
            every = cost(server, lambda: everything(server, "other"))
        finally:
            server.remove()
    print(f"{tables} tables of {rows:,} rows, a tenth needs it     by need    everything   ratio")
    for name in ("seconds", "wal", "pages"):
        here, there = getattr(need, name), getattr(every, name)
        print(f"{name:40} {here:12,.2f}  {there:12,.2f}  {here / max(there, 0.001):6.2f}")


if __name__ == "__main__":
    main()
