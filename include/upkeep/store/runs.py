"""The `run` row of a cadence and window: which Airflow run was about it last, and whether its report is stored."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from upkeep.store.answers import Provenance, sql
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg


def begin_run(
    connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window, provenance: Provenance, run_type: str
) -> None:
    """Note that a run about this window began; a rerun takes over the row."""
    p = provenance
    words = (cadence.value, window.start, window.end, p.dag_id, p.run_id, run_type, p.asked_at)
    connection.execute(sql("begin_run"), words)


def finish_run(connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window, at: datetime) -> None:
    """Note that its report is stored."""
    connection.execute(sql("finish_run"), (at, cadence.value, window.start, window.end))
