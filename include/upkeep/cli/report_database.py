"""The report database, for commands that keep something in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from upkeep.errors import UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import connected
from upkeep.store.migrate import pending

if TYPE_CHECKING:
    import psycopg


@contextmanager
def report_database(application: str) -> "Iterator[psycopg.Connection[Any]]":
    """A session of it, named `application`. Raises UpkeepError when it is not migrated, and BrokenError when it is away."""
    from upkeep.airflow_bridge import connections

    with connected(migrated(connections.store()), application) as connection:
        yield connection


def migrated(endpoint: Endpoint) -> Endpoint:
    """The same. Raises UpkeepError that names what it lacks, and BrokenError when it is away."""
    if missing := pending(endpoint):
        raise UpkeepError(f"the report database lacks {', '.join(missing)}: run `upkeep migrate` first; nothing was done")
    return endpoint
