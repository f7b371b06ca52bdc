"""
The archive against what people do by hand: `COPY TO` a file, then `DELETE`, on the same table.

Rounds alternate, medians are compared: seconds, and seconds of the processor of the server and of this process, which tell more
on a machine that does other work too. Aim: at most 1.5 times as long, with the rows read back and compared, and memory of this
process below 300 MB. Argument: rows (default 1,000,000), and the rounds (default 3).
"""

import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from upkeep.archive.pace import Pace
from upkeep.archive.place import place_of
from upkeep.archive.run import Run
from upkeep.archive.session import session
from upkeep.duty import Deadline
from upkeep.sources.objects import open_store
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.sources.watchdog import postmaster
from upkeep.targets.archive import Archive
from upkeep.window import Window

AIM, MEMORY_MB = 1.5, 300
SETTINGS = {"shared_buffers": "256MB", "max_wal_size": "4GB", "autovacuum": "off", "checkpoint_timeout": "1h"}
FILL = """
    drop table if exists visits;
    create table visits (
        id bigint primary key, path text not null, agent text, seen_at timestamptz not null, price numeric(10, 2), seconds float8
    );
    insert into visits
    select i, '/product/' || i % 2000, repeat('Browser ', 8), '2020-01-01 00:00+00'::timestamptz + i * interval '1 minute',
        i % 1000 / 7.0, i / 3.0
    from generate_series(1, {rows}) as i;
    create index on visits (seen_at);
    vacuum (analyze) visits;
    checkpoint
"""


@dataclass
class Bench:
    """One server; each round fills the table anew."""

    server: ScratchServer
    folder: Path
    rows: int
    rounds: dict[str, list[list[float]]] = field(default_factory=dict)

    @property
    def endpoint(self) -> Endpoint:
        """Where it is."""
        return self.server.endpoint()

    def fill(self) -> None:
        """All rows are old."""
        with self.endpoint.connect("fill") as connection:
            for statement in FILL.format(rows=self.rows).split(";"):
                connection.execute(statement.encode())

    def measure(self, name: str, work: Callable[[], None]) -> None:
        """One round of one of them."""
        self.fill()
        begun = self._clocks()
        work()
        self.rounds.setdefault(name, []).append([end - start for start, end in zip(begun, self._clocks(), strict=True)])

    def _clocks(self) -> tuple[float, float, float]:
        """Now: seconds, the server's processor seconds, and ours."""
        return time.monotonic(), processor_s(postmaster(self.server.data) or 0), time.process_time()

    def by_hand(self) -> None:
        """What is compared with."""
        with self.endpoint.connect("by hand") as connection:
            connection.execute(f"copy visits to '{self.server.data}/out.copy'".encode())
            connection.execute(b"delete from visits where seen_at < now() - interval '1 year'")

    def archive(self) -> None:
        """What the job does."""
        shutil.rmtree(self.folder / "store", ignore_errors=True)
        plan = Archive(table="public.visits", column="seen_at", keep="1 year", to=(self.folder / "store").as_uri(), by="year")
        now = datetime.now(UTC)
        with session(self.endpoint, "bench", 2) as opened:
            pace = Pace(1e9, 1000, Deadline(time.monotonic() + 3600, 3600), lambda _: None)
            place = place_of(open_store(plan.to), "bench", plan.table)
            window = Window(now - timedelta(days=1), now)
            run = Run(opened, plan, "bench", place, window, now, pace, _quiet, lambda: None)
            done = run.run(dry_run=False)
        if done.rows != self.rows:
            raise SystemExit(f"{done.rows} of {self.rows} rows were archived: {done}")


def _quiet(step: str, text: str = "") -> None:
    """Progress that nobody watches."""


@contextmanager
def bench(rows: int) -> Iterator[Bench]:
    """A server of its own."""
    with tempfile.TemporaryDirectory(prefix="upkeep-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = ScratchServer(folder / "server", free_port(), settings=SETTINGS)
        try:
            server.start()
            yield Bench(server, folder, rows)
        finally:
            server.remove()


def processor_s(pid: int) -> float:
    """Seconds of the processor that a process and all below it had, those that ended included."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    return sum(map(int, stat[11:15])) / os.sysconf("SC_CLK_TCK") + sum(processor_s(int(child)) for child in below)


def main() -> None:
    """Print rows a second of both, their ratio, and the memory."""
    rows, rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with bench(rows) as made:
        for _ in range(rounds):
            made.measure("COPY TO and DELETE", made.by_hand)
            made.measure("archive", made.archive)
        found = {name: [median(each) for each in zip(*of_rounds, strict=True)] for name, of_rounds in made.rounds.items()}
    for name, (seconds, server, ours) in found.items():
        print(f"{name:20} {seconds:8.2f} s  {rows / seconds:12,.0f} rows/s  processor: server {server:.2f} s, ours {ours:.2f} s")
    (mine, *my_processor), (peer, *peer_processor) = found["archive"], found["COPY TO and DELETE"]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    processor = sum(my_processor) / sum(peer_processor)
    print(f"ratio {mine / peer:.2f} (aim {AIM}), of processor seconds {processor:.2f}, memory {memory:.0f} MB (aim {MEMORY_MB})")


if __name__ == "__main__":
    main()
