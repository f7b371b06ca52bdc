"""What people decided before about the same duty and target."""

from collections.abc import Iterator

from upkeep.decisions.past import NothingDecided, PastDecisions
from upkeep.given.asked import Asked, provides
from upkeep.store.past_decisions import StoredDecisions


@provides(PastDecisions)
def past_decisions(asked: Asked) -> Iterator[PastDecisions]:
    """The stored ones; none without a report database."""
    yield NothingDecided() if asked.database is None else StoredDecisions(asked.database, asked.key)
