"""The levels at which spend is watched: accounts, their services, the values of declared tags; never two currencies in one."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from operator import itemgetter

from upkeep.ledger.series import Series

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """What is watched: an account, or one `part` of it; `kind` is account, service or tag."""

    account: str
    kind: str
    part: str
    currency: str

    def __str__(self) -> str:
        of = {"account": "", "service": f" {self.part}", "tag": f" tag {self.part}"}[self.kind]
        return f"{self.account}{of} ({self.currency})"


@dataclass(frozen=True, slots=True)
class Level:
    """One level with the series that add up to it. `days` are those on which the bill has anything; others are not known."""

    name: Name
    parts: tuple[Series, ...]
    days: tuple[date, ...]

    def cost(self) -> list[Decimal | None]:
        """What each day from the first known to the last cost; None for a day that is not known."""
        found: dict[date, Decimal] = defaultdict(Decimal)
        for part in self.parts:
            for day, amount in part.gross().items():
                found[day] += amount
        known = set(self.days)
        return [found[day] if day in known else None for day in self.calendar()]

    def calendar(self) -> list[date]:
        """Every day from the first known to the last."""
        return [self.days[0] + n * DAY for n in range((self.days[-1] - self.days[0]).days + 1)] if self.days else []

    def points(self) -> list[tuple[datetime, float | None]]:
        """The same as numbers to judge."""
        return [
            (datetime.combine(day, time(), UTC), None if cost is None else float(cost))
            for day, cost in zip(self.calendar(), self.cost(), strict=True)
        ]


def levels(series: Sequence[Series]) -> list[Level]:
    """Every level, the accounts first."""
    days = tuple(sorted({each.day for one in series for each in one.days}))
    found: dict[Name, list[Series]] = defaultdict(list)
    for one in series:
        for name in _names(one):
            found[name].append(one)
    return [Level(name, tuple(parts), days) for name, parts in sorted(found.items(), key=itemgetter(0))]


def _names(series: Series) -> Iterator[Name]:
    yield Name(series.sub_account, "account", "", series.currency)
    yield Name(series.sub_account, "service", series.service, series.currency)
    for key, value in series.tags.items():
        yield Name(series.sub_account, "tag", f"{key}={value}", series.currency)
