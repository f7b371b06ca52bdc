"""What earlier windows left behind, for duties that compare."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from upkeep.answer import Json, Metric
from upkeep.store.answers import sql
from upkeep.store.key import Key
from upkeep.units import Unit

if TYPE_CHECKING:
    import psycopg


class StoredHistory:
    """History of one duty and target before one window, from the report database."""

    def __init__(self, connection: "psycopg.Connection[Any]", key: Key) -> None:
        self._connection, self._key = connection, key

    def state(self) -> Json | None:
        """The `state` of the newest earlier answer that had one."""
        params = (self._key.duty, self._key.target, self._key.window_start)
        row = self._connection.execute(sql("state_before"), params).fetchone()
        return row[0] if row else None

    def metrics(self, name: str, days: int) -> list[Metric]:
        """Values of one metric over `days` days before this window's end, oldest first, with `at` set."""
        params = {
            "duty": self._key.duty,
            "target": self._key.target,
            "name": name,
            "since": self._key.window_end - timedelta(days=days),
            "before": self._key.window_start,
        }
        rows = self._connection.execute(sql("metrics_before"), params).fetchall()
        return [
            Metric(name=name, at=at, value=value, unit=Unit(unit), labels=labels, numerator=num, denominator=den, n=n)
            for at, value, unit, labels, num, den, n in rows
        ]
