"""What pages share: a snapshot of the database, filters that are the query string, a page of a long list."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from upkeep.ui import links
from upkeep.ui.database import Rows

Word = Annotated[str | None, Query(max_length=200)]
Number = Annotated[int, Query(ge=1, le=100_000)]


def _rows(request: Request) -> Iterator[Rows]:
    with request.app.state.reader.snapshot() as rows:
        yield rows


Snapshot = Annotated[Rows, Depends(_rows)]


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a list: its number from 1, its size, and how long the whole list is."""

    number: int
    size: int
    total: int

    @property
    def first(self) -> int:
        """Place of its first row, from 1."""
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        """Place of its last row."""
        return min(self.number * self.size, self.total)

    @property
    def more(self) -> bool:
        """Whether another page follows."""
        return self.last < self.total


def moment() -> datetime:
    """Now: pages tell how things stand when they are looked at."""
    return datetime.now(UTC)


def total(rows: list[Any]) -> int:
    """How many rows there are in all, from the column that says so."""
    return int(rows[0].total) if rows else 0


def linking(name: str, params: dict[str, Any]) -> Callable[..., str]:
    """A function that gives this page's address with some of its words changed, back on the first page of its list."""

    def changed(**changes: Any) -> str:
        return links.page(name, **{**params, "page": None, **changes})

    return changed
