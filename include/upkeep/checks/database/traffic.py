"""How many transactions and full scans of tables there were between two looks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from upkeep.sources.postgres import Postgres

REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Table:
    """One table; the fields are the columns of the question. `transactions` and `counted_since` are of the database."""

    transactions: int
    counted_since: datetime | None
    major: int
    name: str
    scans: int
    scanned_rows: int
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """A table that was read whole so many times in a span, and how many rows a scan read."""

    table: Table
    scans: int
    rows_each: float


@dataclass(frozen=True, slots=True)
class Traffic:
    """One look at it."""

    transactions: int
    counted_since: datetime | None
    major: int
    tables: Sequence[Table]

    def state(self) -> Mapping[str, Any]:
        """Where the counters stood, as JSON; of the tables that are largest."""
        largest = sorted(self.tables, key=lambda t: (-t.bytes, t.name))[:REMEMBERED]
        return {
            "transactions": self.transactions,
            "counted_since": self.counted_since.isoformat() if self.counted_since else None,
            "tables": {table.name: [table.scans, table.scanned_rows] for table in largest},
        }

    def continues(self, state: Mapping[str, Any]) -> bool:
        """Whether nothing was reset since what is remembered."""
        since = self.counted_since.isoformat() if self.counted_since else None
        return bool(state["counted_since"] == since and state["transactions"] <= self.transactions)

    def scanned(self, state: Mapping[str, Any]) -> Iterator[Scanned]:
        """Tables that were scanned since; one that was not remembered is left for the next look."""
        for table in self.tables:
            scans, rows = state["tables"].get(table.name, (None, 0))
            if scans is not None and table.scans > scans and table.scanned_rows >= rows:
                yield Scanned(table, table.scans - scans, (table.scanned_rows - rows) / (table.scans - scans))


def traffic(pg: Postgres) -> Traffic:
    """Look."""
    rows = pg.measure(__file__, Table)
    first = rows[0]
    return Traffic(first.transactions, first.counted_since, first.major, [row for row in rows if row.name])
