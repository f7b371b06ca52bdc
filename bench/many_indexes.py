"""
What the checks of indexes and tables take on a large catalogue; aim: under 3 s each at 20,000 tables and 80,000 indexes.

Each table has a primary key, an index, its twin and a longer one; every hundredth has rows that were read. Seconds are those of
the second look, since the first one fills caches. Run: python -m bench.many_indexes [tables]
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from upkeep.answer import Json, Metric
from upkeep.checks.database.duplicate_indexes import duplicate_indexes
from upkeep.checks.database.foreign_key_indexes import foreign_key_indexes
from upkeep.checks.database.index_bloat import index_bloat
from upkeep.checks.database.sequences import sequences
from upkeep.checks.database.stale_statistics import stale_statistics
from upkeep.checks.database.table_bloat import table_bloat
from upkeep.checks.database.unused_indexes import unused_indexes
from upkeep.duty import Duty
from upkeep.sources.postgres import Endpoint, session
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.targets.database import Database

AIM_S = 3
DUTIES = (duplicate_indexes, unused_indexes, foreign_key_indexes, index_bloat, table_bloat, stale_statistics, sequences)
AT_ONCE = 250
MAKE = """
    do $$ begin
        for i in {first} .. {last} loop
            execute format('create table t_%s (id serial primary key, a int, b text)', i);
            execute format('create index on t_%s (a)', i);
            execute format('create index on t_%s (a)', i);
            execute format('create index on t_%s (a, b)', i);
            if i % 100 = 0 then
                execute format('insert into t_%s (a, b) select n, n from generate_series(1, 200) as n', i);
                execute format('select from t_%s where id = 5', i);
            end if;
        end loop;
    end $$
"""


@dataclass
class NoHistory:
    """Nothing was asked before."""

    measured: list[Metric] = field(default_factory=list)

    def state(self) -> Json | None:
        """Nothing is remembered."""
        return None

    def metrics(self, name: str, days: int) -> list[Metric]:
        """Nothing was measured."""
        return [m for m in self.measured if m.name == name and days]


@contextmanager
def server_with(tables: int) -> Iterator[ScratchServer]:
    """A scratch server with so many tables and four times as many indexes; it is removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = ScratchServer(
            Path(folder) / "server", free_port(), settings={"fsync": "off", "max_locks_per_transaction": "1024"}
        )
        try:
            server.start()
            with server.endpoint().connect("plant") as connection:
                for first in range(0, tables, AT_ONCE):
                    params = {"first": first, "last": min(first + AT_ONCE, tables) - 1}
                    connection.execute(MAKE.format(**params).encode())
                connection.execute("vacuum analyze pg_class, pg_index, pg_attribute, pg_depend, pg_constraint")
            yield server
        finally:
            server.remove()


def seconds(duty: Duty, endpoint: Endpoint) -> float:
    """How long the second of two questions takes, session and judgement included."""
    took = 0.0
    for _ in range(2):
        begun = time.perf_counter()
        with session(endpoint, "bench", statement_timeout_s=600) as pg:
            more = {"history": NoHistory()} if "history" in duty.takes else {}
            duty.ask(Database(name="bench", owner="bench", connection="bench"), pg=pg, **more)
        took = time.perf_counter() - begun
    return took


def main() -> None:
    """Print the seconds of each check."""
    tables = int((*sys.argv[1:], "20000")[0])
    with server_with(tables) as server:
        print(f"{tables:,} tables and {4 * tables:,} indexes (aim < {AIM_S} s each)")
        for duty in DUTIES:
            print(f"{duty.name:20} {seconds(duty, server.endpoint()):6.2f} s", flush=True)


if __name__ == "__main__":
    main()
