"""Minutes of a service put into the report database, as golden_signals stores them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from psycopg.types.json import Jsonb

from upkeep.signals.minutes import Minute, Minutes
from upkeep.signals.records import hours
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg

Connection: TypeAlias = "psycopg.Connection[Any]"
DAY = timedelta(days=1)
_ANSWER = """
    insert into upkeep.answer (duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds,
        dag_id, run_id, task_id, map_index, try_number)
    values ('golden_signals', %s, %s, %s, 'daily', 'ok', 's', %s, %s, 1, 'daily', 'r', 't', 0, 1)
    on conflict do nothing
"""
_HOUR = "insert into upkeep.service_hour values ('golden_signals', %s, %s, %s, %s, %s, %s, %s)"


def store_minutes(connection: Connection, service: str, start: datetime, each: Sequence[Minute | None]) -> None:
    """Store minutes from a start on, in a window for each 24 hours."""
    for first in range(0, len(each), 1440):
        window = Window(start + first // 1440 * DAY, start + first // 1440 * DAY + DAY)
        store_window(connection, service, window, each[first : first + 1440])


def store_window(connection: Connection, service: str, window: Window, each: Sequence[Minute | None]) -> None:
    """Store the minutes of one window."""
    bounds = (window.start, window.end)
    connection.execute(_ANSWER, [service, *bounds, Jsonb({}), window.end])
    rows = [
        (service, *bounds, hour.hour, hour.requests, hour.errors, hour.slow) for hour in hours(Minutes(window.start, tuple(each)))
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_HOUR.encode(), rows)


def bad(minute: Minute, errors: int) -> Minute:
    """The same with so many errors."""
    return replace(minute, errors=errors)
