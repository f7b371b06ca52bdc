"""What earlier windows of the duty and its target left behind."""

from collections.abc import Iterator

from upkeep.duty import History
from upkeep.given.asked import Asked, provides
from upkeep.store.history import StoredHistory


@provides(History)
def history(asked: Asked) -> Iterator[History]:
    """The stored history. Raises CannotAskError without a report database."""
    yield StoredHistory(asked.stored(), asked.key)
