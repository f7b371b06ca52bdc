"""The form of a ledger row before it is stored, and the values that imports pass around."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

FORM = "2"
"""Raised whenever files would be read differently: then every file is read again, and only what differs gets a new version."""

DIMENSIONS = (
    "billing_period", "provider", "billing_account", "sub_account", "service", "region", "category", "class", "commitment",
    "commitment_status", "pricing", "tags", "unit", "currency",
)  # fmt: skip
AMOUNTS = (
    "billed_cost", "effective_cost", "contracted_cost", "list_cost", "contracted_missing", "list_missing", "quantity",
)  # fmt: skip
COLUMNS = ("day", "key", *DIMENSIONS, "sub_account_name", *AMOUNTS, "source_rows", "provisional")
"""Columns of a file of entries, in their order; the names are those of `upkeep.spend`."""


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def overlaps(self, other: "Days") -> bool:
        """Whether they have a day in common."""
        return self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        return f"{self.first} to {self.last}" if self.first != self.last else f"{self.first}"


def without(span: Days, others: Iterable[Days]) -> tuple[Days, ...]:
    """What is left of a span when these are taken out of it."""
    left, first = [], span.first
    for other in joined(o for o in others if o.overlaps(span)):
        if first < other.first:
            left.append(Days(first, other.first - timedelta(days=1)))
        first = other.last + timedelta(days=1)
    return (*left, Days(first, span.last)) if first <= span.last else tuple(left)


def joined(spans: Iterable[Days]) -> tuple[Days, ...]:
    """The same days as few spans that have none in common, in order."""
    found: list[Days] = []
    for span in sorted(spans):
        if found and span.first.toordinal() <= found[-1].last.toordinal() + 1:
            found[-1] = Days(found[-1].first, max(found[-1].last, span.last))
        else:
            found.append(span)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Part:
    """
    One file that the ledger stands on, as it was read.

    `stamp` is its size and version, `reading` how it is read, `counts_for` the days for which it counts where a later delivery
    replaced others (None: all that it has), `days` those that it has (None: no rows).
    """

    name: str
    stamp: str
    reading: str
    counts_for: tuple[Days, ...] | None
    days: Days | None
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """
    What a source says about some days: all of its entries for them, so that what is not among them is gone.

    `file` is CSV of `COLUMNS`; `what` names the delivery for people; `parts` are the files to note and `gone` those to forget.
    """

    what: str
    file: Path
    days: tuple[Days, ...]
    source_rows: int
    parts: tuple[Part, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it: rows of the ledger that were added, days that they are about, and closed months that they changed."""

    changed: int
    days: int
    restated: tuple[str, ...]


class Ledger(Protocol):
    """The rows of one account. `upkeep.store.spend` keeps them."""

    def parts(self) -> Mapping[str, Part]:
        """The files that it stands on, by name."""
        ...

    def rows_of(self, days: tuple[Days, ...]) -> int:
        """How many rows it has now for these days."""
        ...

    def merge(self, imported: Imported, closes_after_days: int) -> Merged:
        """
        Add what differs from the newest versions; one transaction: killed anywhere, all of it or nothing.

        The same said twice adds nothing. Raises BrokenError.
        """
        ...
