"""Daily series of what was spent, per account, service, tag set and currency."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from upkeep.sources.rows import Rows
from upkeep.window import Window


@dataclass(frozen=True, slots=True)
class SpendDay:
    """
    One day of one series. `gross` is without credits and taxes, `net` with them; both are effective cost.

    `quantity` adds up only where `units` has one unit; `provisional` says that the source calls part of it an estimate.
    """

    sub_account: str
    service: str
    tags: Mapping[str, str]
    currency: str
    day: date
    gross: Decimal | None
    net: Decimal
    quantity: Decimal | None
    units: Sequence[str] | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class Series:
    """What one account, service, tag set and currency cost on each day that has charges, oldest first. Other days had none."""

    sub_account: str
    service: str
    tags: Mapping[str, str]
    currency: str
    days: tuple[SpendDay, ...]

    def gross(self) -> dict[date, Decimal]:
        """Cost without credits and taxes by day."""
        return {each.day: each.gross or Decimal(0) for each in self.days}


def known_by(window: Window) -> datetime:
    """
    Until when what was said counts for a window: as long after its end as it is long.

    So the import of the run about this window counts and the next one does not, and the window gives the same rows for ever.
    """
    return window.end + window.length


def spend_days(rows: Rows, account: str, first: date, last: date, by: datetime) -> list[SpendDay]:
    """Every day of every series of a target, `first` to `last` included, as known by a moment. Raises BrokenError."""
    return rows(__file__, SpendDay, {"account": account, "first": first, "last": last, "known_by": by})


def daily_series(rows: Rows, account: str, first: date, last: date, by: datetime) -> list[Series]:
    """The same as one value for each series. Raises BrokenError when the report database is away."""
    return list(_grouped(spend_days(rows, account, first, last, by)))


def _grouped(days: Sequence[SpendDay]) -> Iterator[Series]:
    # Rows come ordered by series, then by day.
    for _, group in groupby(days, key=lambda d: (d.sub_account, d.service, sorted(d.tags.items()), d.currency)):
        found = tuple(group)
        yield Series(found[0].sub_account, found[0].service, found[0].tags, found[0].currency, found)
