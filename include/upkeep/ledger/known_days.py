"""How many days of a month are known: before all are, nothing is said of the month."""

from dataclasses import dataclass
from datetime import date, datetime

from upkeep.sources.rows import Rows


@dataclass(frozen=True, slots=True)
class KnownDays:
    """Days of one month that have any charge."""

    month: date
    days: int


def known_days(rows: Rows, account: str, first: date, last: date, by: datetime) -> dict[date, int]:
    """Known days by month, from one day to another, both included, as known by a moment. Raises BrokenError."""
    about = {"account": account, "first": first, "last": last, "known_by": by}
    return {found.month: found.days for found in rows(__file__, KnownDays, about)}
