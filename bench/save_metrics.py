"""
What saving metrics through the store costs, against raw COPY of the same rows into the same table; aim: at least 0.8.

Both write the same rows in turn, into an empty table each time, on one scratch server; the ratio is that of the best of several
rounds. Raw COPY gets its rows ready-made, as PostgreSQL itself spelled them. Run: python bench/save_metrics.py [rows] [rounds]
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from upkeep.answer import Answer, Metric
from upkeep.checks.database.sequences import sequences
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.store.answers import Provenance, save
from upkeep.store.migrate import migrate
from upkeep.units import Unit
from upkeep.window import Window

WINDOW = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
PROVENANCE = Provenance("daily", "bench", "bench", 0, 1, WINDOW.end, 0.0)
COPY = b"copy upkeep.metric from stdin"


def metrics(rows: int) -> tuple[Metric, ...]:
    """Twenty tables over time, a share each, like those of real checks."""
    return tuple(
        Metric(
            name="dead_rows_share",
            value=i / rows,
            unit=Unit.SHARE,
            labels={"table": f"public.order_item_{i % 20}"},
            at=WINDOW.start + timedelta(seconds=i // 20),
            numerator=i,
            denominator=rows,
            n=rows,
        )
        for i in range(rows)
    )


def seconds(work: Callable[[], Any]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def clear(connection: psycopg.Connection[Any]) -> None:
    """Nothing stored, nothing left over."""
    connection.execute("delete from upkeep.answer")
    connection.execute("truncate upkeep.metric")


def copy_raw(connection: psycopg.Connection[Any], lines: list[bytes]) -> None:
    """The peer: nothing but COPY."""
    with connection.transaction(), connection.cursor().copy(COPY) as copy:
        for line in lines:
            copy.write(line)


def bench(connection: psycopg.Connection[Any], rows: int, rounds: int) -> tuple[float, float]:
    """Best seconds of saving and of raw COPY."""
    answer = Answer.judged("bench", metrics=metrics(rows))

    def save_all() -> None:
        save(connection, sequences, "bench", WINDOW, answer, PROVENANCE)

    save_all()
    with connection.cursor().copy("copy (select * from upkeep.metric order by at, labels) to stdout") as copy:
        text = b"".join(bytes(block) for block in copy)
    lines = [text[i : i + 65_536] for i in range(0, len(text), 65_536)]
    saved, raw = [], []
    for _ in range(rounds):
        clear(connection)
        raw.append(seconds(lambda: copy_raw(connection, lines)))
        clear(connection)
        saved.append(seconds(save_all))
    return min(saved), min(raw)


def main() -> None:
    """Print both and their ratio."""
    rows, rounds = (int(word) for word in (*sys.argv[1:], "20000", "5")[:2])
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = ScratchServer(Path(folder) / "server", free_port())
        try:
            server.start()
            migrate(server.endpoint())
            with server.endpoint().connect("bench") as connection:
                saved, raw = bench(connection, rows, rounds)
        finally:
            server.remove()
    print(f"{rows:,} metrics: saved in {saved:.3f} s, raw COPY in {raw:.3f} s; ratio {raw / saved:.2f} (aim >= 0.8)")


if __name__ == "__main__":
    main()
