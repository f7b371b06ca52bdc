"""Days of metrics: what pages and long comparisons read instead of every single value."""

from typing import TYPE_CHECKING, Any

from upkeep.sources.postgres_errors import translate_errors
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg


def roll_up(connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window) -> int:
    """
    Write metric_day anew for the days of a window and everything that answered in it; returns the number of rows.

    Call it when the window has its answers. One transaction; again changes nothing.
    """
    with translate_errors(), connection.transaction():
        row = connection.execute("select upkeep.roll_up(%s, %s, %s)", (cadence.value, window.start, window.end)).fetchone()
    return int(row[0]) if row else 0
