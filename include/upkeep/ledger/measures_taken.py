"""The measures that stand in the report database."""

from datetime import date

from upkeep.ledger.measure_taken import Measure
from upkeep.sources.rows import Rows


def measures_taken(rows: Rows, account: str, last: date) -> list[Measure]:
    """Every measure of an account that was taken by a day, the oldest first. Raises BrokenError."""
    return rows(__file__, Measure, {"account": account, "last": last})
