"""What people decided before, for reviews that show the difference."""

from typing import TYPE_CHECKING, Any

from upkeep.decisions.past import LastSigned
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import sql
from upkeep.store.key import Key

if TYPE_CHECKING:
    import psycopg


class StoredDecisions:
    """`PastDecisions` from the report database."""

    def __init__(self, connection: "psycopg.Connection[Any]", key: Key) -> None:
        self._connection, self._key = connection, key

    def last_signed(self) -> LastSigned | None:
        """The newest decision that was signed before this window, or None."""
        params = {"duty": self._key.duty, "target": self._key.target, "start": self._key.window_start}
        with translate_errors():
            row = self._connection.execute(sql("last_signed"), params).fetchone()
        return LastSigned(row[0], tuple(row[1]), row[2]) if row else None
