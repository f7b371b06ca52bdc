"""
Callbacks that Airflow calls about a run itself: it failed, it runs for too long, or a task of Upkeep's own failed.

A run that its report has told about is not told again. None of them raises: nobody would hear of it.
"""

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk.configuration import conf

from upkeep.airflow_bridge import connections, notifications
from upkeep.config.inventory import current
from upkeep.errors import UpkeepError
from upkeep.humanize import span
from upkeep.notify.links import Links
from upkeep.notify.run_alert import RunAlert, run_alert
from upkeep.store.answers import connected
from upkeep.store.run_history import report_published

# These tell their own failure, with its reason.
TOLD_BY_TASK = frozenset({"begin", "report"})
ENDED = frozenset({"success", "failed"})
_AGAIN = "clear it with all that comes after it; or trigger the DAG with report_only, which reports on what is stored"

log = logging.getLogger(__name__)


def task_failed(context: Mapping[str, Any]) -> None:
    """Tell that a task of Upkeep's own failed. A callback of `begin`, `missing_answers` and `report`, after the last try."""
    ti = context["ti"]
    _tell(
        f"task failed/{ti.dag_id}/{ti.run_id}/{ti.task_id}",
        _links(ti.dag_id, ti.run_id),
        ti,
        what=f"{ti.dag_id}: Upkeep's own task {ti.task_id} failed",
        why=str(context.get("exception") or "Airflow names no reason: its worker may have died"),
        fix="see its log, mend the cause and clear the task; whatever ran before may run again, nothing doubles",
    )


def run_failed(context: Mapping[str, Any]) -> None:
    """Tell that a run failed before its report was stored. The callback of every DAG; it runs in the DAG processor."""
    dag, run_id, reason, ti = context["dag"], context["run_id"], str(context.get("reason")), context.get("ti")
    if (reason == "task_failure" and ti and ti.task_id in TOLD_BY_TASK) or _reported(dag.dag_id, run_id):
        return
    if reason == "timed_out":
        limit = span(dag.dagrun_timeout.total_seconds())
        why = f"it ran into its limit of {limit}: Airflow stopped it and skipped what was left, the report too"
        fix = f"see in the run which task took the time, mend that, and {_AGAIN}"
    else:
        why = f"Airflow says {reason}" + (f"; the last task that failed is {ti.task_id}" if ti else "")
        fix = f"see which task failed, mend the cause, and {_AGAIN}"
    what = f"{dag.dag_id}: a run ended without its report"
    _tell(f"no report/{dag.dag_id}/{run_id}", _links(dag.dag_id, run_id), ti, what=what, why=why, fix=fix)


def running_late(context: Mapping[str, Any], after: str, limit: str) -> None:
    """Tell that a run still runs shortly before its limit. The callback of every DAG's deadline; it runs in the executor."""
    run = context["dag_run"]
    if run["state"] in ENDED:  # Airflow drops the deadlines only of runs that succeed
        return
    dag_id, run_id = str(run["dag_id"]), str(run["dag_run_id"])
    _tell(
        f"late/{dag_id}/{run_id}",
        _links(dag_id, run_id),
        None,
        what=f"{dag_id}: a run is still under way after {after}",
        why=f"at {limit} Airflow stops it and skips what is left, the report too",
        fix="see in the run which task hangs or waits, and mark that one failed: the rest goes on and is reported",
    )


def _reported(dag_id: str, run_id: str) -> bool:
    try:
        with connected(connections.store(), "upkeep run failed") as store:
            return report_published(store, dag_id, run_id)
    except UpkeepError as error:
        log.warning("nobody knows whether its report was stored: %s", error)
        return False


def _links(dag_id: str, run_id: str) -> Links:
    return Links(conf.get("api", "base_url", fallback="http://localhost:8080"), dag_id, run_id)


def _tell(key: str, links: Links, ti: Any, *, what: str, why: str, fix: str) -> None:
    called = min((p for p in current().settings.people if p.on_call), key=lambda p: p.on_call or 0, default=None)
    address = links.task(ti.task_id, ti.map_index if ti.map_index is not None else -1) if ti else ""
    call, name = (called.slack or "", called.name) if called else ("", "")
    alert = RunAlert(what=what, why=why, fix=fix, call=call, name=name, run_id=links.run_id, run=links.run(), log=address)
    notifications.tell(key, run_alert(alert))
