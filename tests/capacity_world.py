"""A report database with a past by day, for whatever foretells from it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.lab import Lab, asking
from upkeep.answer import Answer
from upkeep.checks.database.capacity import capacity
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.store.answers import Provenance, save
from upkeep.targets.database import Database
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg

END = datetime(2026, 10, 1, tzinfo=UTC)
QUARTER = Window(datetime(2026, 7, 1, tzinfo=UTC), END)


def put_days(
    connection: "psycopg.Connection[Any]", duty: str, name: str, values: Sequence[float], unit: str, /, **labels: str
) -> None:
    """Store a number of the past, a value a day; the last one is of the window's last day."""
    from psycopg.types.json import Jsonb

    for ago, value in enumerate(reversed(values), 1):
        connection.execute(
            "insert into upkeep.metric_day (duty, target, day, name, labels, unit, min, max, avg, sum, n, last)"
            " values (%s, 'lab', %s, %s, %s, %s, %s, %s, %s, %s, 1, %s)",
            [duty, (END - timedelta(days=ago)).date(), name, Jsonb(labels), unit, *([value] * 5)],
        )


def put_storage(connection: "psycopg.Connection[Any]", values: Sequence[float]) -> None:
    """Bytes of a server, given in tenths of a GB."""
    put_days(connection, "database_growth", "server_bytes", [value * 1e8 for value in values], "bytes")


def foretold(lab: Lab, connection: "psycopg.Connection[Any]", storage_gb: float | None = None, **thresholds: float) -> Answer:
    """What capacity says of the quarter."""
    target = Database.model_validate(
        {"name": "lab", "owner": "ann", "connection": "lab", "storage_gb": storage_gb, "thresholds": {"capacity": thresholds}}
    )
    return ask(asking(capacity, target, OneDatabase(lab.endpoint), window=QUARTER, database=connection))


def keep(connection: "psycopg.Connection[Any]", answer: Answer) -> None:
    """Store an answer of the quarter's run."""
    by = Provenance("quarterly", "scheduled__x", "database.capacity", 0, 1, END, 1)
    connection.execute(
        "insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)"
        " values ('quarterly', %s, %s, 'quarterly', 'scheduled__x', 'scheduled', 't', now()) on conflict do nothing",
        [QUARTER.start, QUARTER.end],
    )
    save(connection, capacity, "lab", QUARTER, answer, by)
