"""The rows of backups."""

from collections.abc import Iterator

from upkeep.backups.registry import Registry
from upkeep.given.asked import Asked, provides
from upkeep.store.backups import StoredRegistry


@provides(Registry)
def registry(asked: Asked) -> Iterator[Registry]:
    """The stored rows. Raises CannotAskError without a report database."""
    yield StoredRegistry(asked.stored(), asked.window, asked.provenance)
