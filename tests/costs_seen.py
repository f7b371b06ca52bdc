"""What checks read of a bill."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.ledger.world import FIRST, Books
from upkeep.ledger.series import spend_days
from upkeep.sources.rows import Rows


def gross_and_net(ledger: Books, day: int) -> tuple[Decimal | None, Decimal]:
    """One day of the account's first series, as the checks see it."""
    at = FIRST + timedelta(days=day)
    with ledger.lab.endpoint.connect("look") as connection:
        found = spend_days(Rows(connection), "aws", at, at, datetime(2027, 1, 1, tzinfo=UTC))
    return found[0].gross, found[0].net
