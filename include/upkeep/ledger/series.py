"""Daily series of what was spent, per account, service, tag set and currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter

from upkeep.sources.rows import Rows
from upkeep.window import Window


@dataclass(frozen=True, slots=True)
class SpendDay:
    """
    One day of one series. `gross` is without credits and taxes, `net` with them; both are effective cost.

    `quantity` adds up only where `units`, of which the first and the last by name are here, are one; `provisional` says that the
    source calls part of it an estimate.
    """

    sub_account: str
    service: str
    tags: Mapping[str, str]
    currency: str
    day: date
    gross: Decimal | None
    net: Decimal
    quantity: Decimal | None
    units: Sequence[str]
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


@dataclass(frozen=True, slots=True)
class _Stored:
    """One series as it is read: a value of each list for each day."""

    sub_account: str
    service: str
    tags: Mapping[str, str]
    currency: str
    days: Sequence[date]
    gross: Sequence[Decimal | None]
    net: Sequence[Decimal]
    quantity: Sequence[Decimal | None]
    units: Sequence[Sequence[str | None]]
    provisional: Sequence[bool]

    def series(self) -> Series:
        """The same day by day."""
        about = (self.sub_account, self.service, self.tags, self.currency)
        columns = zip(self.days, self.gross, self.net, self.quantity, map(tuple, self.units), self.provisional, strict=True)
        told = {units: sorted({unit for unit in units if unit is not None}) for units in set(map(tuple, self.units))}
        days = [
            SpendDay(*about, day, gross, net, quantity, told[units], provisional)
            for day, gross, net, quantity, units, provisional in sorted(columns, key=itemgetter(0))
        ]
        return Series(*about, tuple(days))


def known_by(window: Window) -> datetime:
    """
    Until when what was said counts for a window: as long after its end as it is long.

    So the import of the run about this window counts and the next one does not, and the window gives the same rows for ever.
    """
    return window.end + window.length


def daily_series(rows: Rows, account: str, first: date, last: date, by: datetime) -> list[Series]:
    """Every series of a target, `first` to `last` included, as known by a moment. Raises BrokenError."""
    about = {"account": account, "first": first, "last": last, "known_by": by}
    return [stored.series() for stored in rows(__file__, _Stored, about)]


def spend_days(rows: Rows, account: str, first: date, last: date, by: datetime) -> list[SpendDay]:
    """Every day of every series. Raises BrokenError when the report database is away."""
    return [day for series in daily_series(rows, account, first, last, by) for day in series.days]
