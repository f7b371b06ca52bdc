"""The ledger of costs, as the import of one account sees and writes it."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError
from upkeep.ledger.entry import COLUMNS, Days, Imported, Merged, Part
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import Provenance, sql
from upkeep.store.plain import clean

if TYPE_CHECKING:
    import psycopg

_CHUNK = 1 << 20


class StoredLedger:
    """Rows of `upkeep.spend` and what belongs to them. Every method raises BrokenError with retry when the database is away."""

    def __init__(self, connection: "psycopg.Connection[Any]", account: str, provenance: Provenance) -> None:
        self._connection, self._account, self._provenance = connection, account, provenance

    def parts(self) -> Mapping[str, Part]:
        """The files that it stands on, by name."""
        with translate_errors():
            rows = self._connection.execute(sql("spend_files"), {"account": self._account}).fetchall()
        return {row[0]: Part(row[0], row[1], row[2], _parsed(row[3]), _span(row[4], row[5]), row[6]) for row in rows}

    def rows_of(self, days: tuple[Days, ...]) -> int:
        """How many rows it has now for these days."""
        with translate_errors():
            spans = [(self._account, span.first, span.last) for span in days]
            found = [self._connection.execute(sql("spend_rows"), span).fetchone() for span in spans]
        return sum(int(row[0]) for row in found if row)

    def merge(self, imported: Imported, closes_after_days: int) -> Merged:
        """
        Add what differs from the newest versions, and the months that it restates.

        One transaction under a lock of the account: killed anywhere, all of it or nothing; twice, the second adds nothing.
        """
        with translate_errors(), self._connection.transaction():
            self._connection.execute(
                "select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(%s, 7))", [self._account]
            )
            delivery = self._note_delivery(imported)
            self._stage(imported)
            about = {"account": self._account, "delivery": delivery, "closes": closes_after_days}
            changed = self._connection.execute(sql("merge_spend"), about).rowcount
            restated = self._connection.execute(sql("restate_months"), about).fetchall()
            self._connection.execute(sql("count_spend_delivery"), {**about, "changed": changed})
            self._note_parts(imported, delivery)
        days = sum((span.last - span.first).days + 1 for span in imported.days)
        return Merged(changed, days, tuple(row[0] for row in restated))

    def _note_delivery(self, imported: Imported) -> int:
        first, last = (imported.days[0].first, imported.days[-1].last) if imported.days else (None, None)
        args = (self._account, clean(imported.what), self._provenance.asked_at, first, last, imported.source_rows)
        row = self._connection.execute(sql("put_spend_delivery"), args).fetchone()
        if row is None:
            raise BrokenError("the report database did not number the delivery", retry=True)
        return int(row[0])

    def _stage(self, imported: Imported) -> None:
        """The entries as a table that ends with the transaction."""
        from psycopg.sql import SQL, Identifier

        for statement in ("spend_stage", "spend_stage_days"):
            self._connection.execute(sql(statement))
        columns = SQL(", ").join(map(Identifier, COLUMNS))
        copy_in = SQL("copy pg_temp.spend_staged ({}) from stdin (format csv)").format(columns)
        with self._connection.cursor() as cursor:
            with imported.file.open("rb") as file, cursor.copy(copy_in) as copy:
                while chunk := file.read(_CHUNK):
                    copy.write(chunk)
            cursor.executemany(
                "insert into pg_temp.spend_days values (%s, %s)", [(span.first, span.last) for span in imported.days]
            )
            cursor.execute("analyze pg_temp.spend_staged")

    def _note_parts(self, imported: Imported, delivery: int) -> None:
        self._connection.execute(sql("forget_spend_files"), {"account": self._account, "names": list(imported.gone)})
        with self._connection.cursor() as cursor:
            cursor.executemany(sql("put_spend_file"), [self._row(part, delivery) for part in imported.parts])

    def _row(self, part: Part, delivery: int) -> tuple[Any, ...]:
        first, last = (part.days.first, part.days.last) if part.days else (None, None)
        return (self._account, part.name, part.stamp, part.reading, _text(part.counts_for), first, last, part.rows, delivery)


def _text(counts_for: tuple[Days, ...] | None) -> str:
    return "all" if counts_for is None else ", ".join(map(str, counts_for))


def _parsed(text: str) -> tuple[Days, ...] | None:
    if text == "all":
        return None
    pairs = [span.split(" to ") for span in text.split(", ")]
    return tuple(Days(date.fromisoformat(pair[0]), date.fromisoformat(pair[-1])) for pair in pairs)


def _span(first: date | None, last: date | None) -> Days | None:
    return Days(first, last) if first and last else None
