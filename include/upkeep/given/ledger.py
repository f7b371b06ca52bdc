"""The ledger of costs of the account that is asked about."""

from collections.abc import Iterator

from upkeep.given.asked import Asked, provides
from upkeep.ledger.entry import Ledger
from upkeep.store.spend import StoredLedger


@provides(Ledger)
def ledger(asked: Asked) -> Iterator[Ledger]:
    """Its stored rows. Raises CannotAskError without a report database."""
    yield StoredLedger(asked.stored(), asked.target.name, asked.provenance)
