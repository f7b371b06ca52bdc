"""The dead-man's line: windows of every cadence that came due and have no run, told by the next run of any."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from upkeep.airflow_bridge.run import Run
from upkeep.config.inventory import current
from upkeep.config.schedule import cron_of, due_windows
from upkeep.reports.missed import MissedRuns, missed
from upkeep.store.run_history import run_history, runs_since
from upkeep.window import Cadence

if TYPE_CHECKING:
    import psycopg

# Runs of several cadences start at the same time: this late they must have begun.
GRACE = timedelta(hours=1)


def missed_runs(store: "psycopg.Connection[Any]", run: Run) -> tuple[MissedRuns, ...]:
    """
    What should have run by the time that this run was due, and did not.

    Looked at is the time since this cadence's run before, and of another cadence since its newest run: it is named again until it
    runs. A cadence that the inventory pauses is not missing, nothing is before the first run ever, and a backfill looks at
    nothing. Raises BrokenError when the report database is away.
    """
    if run.replay:
        return ()
    return tuple(_missed(store, run))


def _missed(store: "psycopg.Connection[Any]", run: Run) -> Iterator[MissedRuns]:
    inventory, by = current(), run.run_after - GRACE
    history = run_history(store, run.cadence, run.window, run.run_after)
    if history.first_start is None:
        return
    before = history.newest_end.get(run.cadence, history.first_start + GRACE) - GRACE
    since = {c: max(history.first_start, min(before, history.newest_end.get(c, before))) for c in Cadence}
    ran = runs_since(store, min(since.values()))
    for cadence in Cadence:
        cron = cron_of(inventory, cadence)
        if cron:
            due = due_windows(cron, inventory.zone, since[cadence], by)
            yield from missed(cadence.value, due, ran, inventory.zone, run.run_after)
