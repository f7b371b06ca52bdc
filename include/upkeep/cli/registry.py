"""The report database's rows of backups, for a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from upkeep.store.answers import Provenance, connected
from upkeep.store.backups import StoredRegistry
from upkeep.window import Window


@contextmanager
def stored_registry() -> Iterator[StoredRegistry]:
    """The rows, while inside. Raises BrokenError when the report database is away."""
    from upkeep.airflow_bridge import connections

    now = datetime.now(UTC)
    with connected(connections.store(), "upkeep backups") as connection:
        yield StoredRegistry(connection, Window(now - timedelta(days=1), now), Provenance("", "upkeep", "restore", -1, 0, now, 0))
