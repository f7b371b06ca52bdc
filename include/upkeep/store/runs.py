"""The `run` row of a cadence and window: which Airflow run was about it last, and whether its report is stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from upkeep.store.answers import Provenance, sql
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg


def begin_run(
    connection: "psycopg.Connection[Any]",
    cadence: Cadence,
    window: Window,
    provenance: Provenance,
    run_type: str,
    thread: str,
) -> None:
    """
    Note that a run about this window began; another run takes over the row, and one that was cleared keeps when it first began.

    Two statements that may both be done again: killed between them, the task's next try does the rest.
    """
    p = provenance
    connection.execute(sql("note_run_start"), (p.dag_id, p.run_id, p.asked_at))
    params = (cadence.value, window.start, window.end, p.dag_id, p.run_id, run_type, thread, p.asked_at)
    connection.execute(sql("begin_run"), params)


@dataclass(frozen=True, slots=True)
class BegunRun:
    """What the row of a window's newest run says: the thread it speaks in, and whether its report is stored."""

    thread: str
    finished: bool


def begun_run(connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window) -> BegunRun:
    """The window's run. Raises LookupError when none has begun."""
    row = connection.execute(sql("begun_run"), (cadence.value, window.start, window.end)).fetchone()
    if row is None:
        raise LookupError(f"no {cadence} run has begun about {window}; clear its begin task")
    return BegunRun(*row)


def backfill_under_way(connection: "psycopg.Connection[Any]", cadence: Cadence, at: datetime) -> str | None:
    """
    The thread of the backfill that a backfilled run belongs to, if another of its runs has begun.

    Airflow does not tell a task which backfill it is of: runs of one cadence that begin within an hour of each other are taken to
    be of one.
    """
    row = connection.execute(sql("backfill_under_way"), {"cadence": cadence.value, "at": at}).fetchone()
    return str(row[0]) if row else None


def finish_run(connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window, at: datetime) -> None:
    """Note that its report is stored. The first time says how long the run took; storing it again does not change that."""
    connection.execute(sql("finish_run"), {"at": at, "cadence": cadence.value, "start": window.start, "end": window.end})
