"""Which runs there were, so that one that is missing is noticed."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import sql
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg


MADE_UP = "made up"
"""The type of runs that never were: the demo's past. They count for plots and lists, and for nothing that is judged."""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """The run of one window. `reported` is whether its report is stored."""

    cadence: str
    window: Window
    started_at: datetime
    reported: bool


@dataclass(frozen=True, slots=True)
class History:
    """When the first run ever began, None before it, and the end of each cadence's newest window that had a run."""

    first_start: datetime | None
    newest_end: dict[str, datetime]


def run_history(connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window, by: datetime) -> History:
    """What had run by a moment, but for this window of this cadence. Raises BrokenError when the report database is away."""
    params = {"cadence": cadence.value, "start": window.start, "end": window.end, "by": by}
    with translate_errors():
        rows = connection.execute(sql("run_history"), params).fetchall()
    return History(min((row[1] for row in rows), default=None), {row[0]: row[2] for row in rows if row[2]})


def runs_since(connection: "psycopg.Connection[Any]", since: datetime) -> list[StoredRun]:
    """Runs about windows that end after a moment, oldest first. Raises BrokenError when the report database is away."""
    with translate_errors():
        rows = connection.execute(sql("runs_since"), {"since": since}).fetchall()
    return [StoredRun(cadence, Window(start, end), started, reported) for cadence, start, end, started, reported in rows]


def report_published(connection: "psycopg.Connection[Any]", dag_id: str, run_id: str) -> bool:
    """Whether the report of an Airflow run is stored. Raises BrokenError when the report database is away."""
    with translate_errors():
        row = connection.execute(sql("report_published"), {"dag_id": dag_id, "run_id": run_id}).fetchone()
    return bool(row and row[0])
