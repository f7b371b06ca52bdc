"""The rows about what was done to the tables of a target."""

from collections.abc import Iterator

from upkeep.given.asked import Asked, provides
from upkeep.maintenance.work import Journal, NoJournal
from upkeep.store.table_maintenance import StoredJournal


@provides(Journal)
def journal(asked: Asked) -> Iterator[Journal]:
    """The stored rows; without a report database none are kept."""
    yield NoJournal() if asked.database is None else StoredJournal(asked.database, asked.key, asked.provenance)
