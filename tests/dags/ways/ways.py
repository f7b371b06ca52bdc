"""DAGs of the shape of the daily one whose tasks do nothing: one for each way that a run can go wrong."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from airflow.sdk import DAG
from airflow.sdk.exceptions import DownstreamTasksSkipped

from upkeep.airflow_bridge import entry_points, graph
from upkeep.airflow_bridge.selection import Selection, not_put
from upkeep.config.inventory import current
from upkeep.discovery import find
from upkeep.duty import Duty
from upkeep.window import Cadence

FAILING = {"well": "", "red": "ask_one", "unreported": "report", "unbegun": "begin", "unfit": "judge_rows", "selected": "ask_one"}


class Tasks:
    """Stands for upkeep.airflow_bridge.entry_points: tasks do nothing, and fail where they are told to."""

    task_failed, run_failed = entry_points.task_failed, entry_points.run_failed

    def __init__(self, fails: str, *, selects: bool) -> None:
        self.fails, self.selects = fails, selects

    def __getattr__(self, name: str) -> Any:
        def nothing() -> None:
            if name == self.fails:
                raise RuntimeError(name)

        def ask_one(duty_name: str, target: str) -> None:  # noqa: ARG001 - the names of what is mapped
            nothing()

        def begin() -> None:
            nothing()
            if self.selects:
                raise DownstreamTasksSkipped(tasks=not_put(Selection(report_only=True), (), few(), current()))  # type: ignore[no-untyped-call]

        return {"ask_one": ask_one, "begin": begin}.get(name, nothing)


def few() -> tuple[Duty, ...]:
    """Two duties, of which one waits for the other."""
    asked = find("sequences")
    return asked, replace(asked, name="later", after=("sequences",))


def made(dag_id: str, fails: str) -> DAG:
    """One of them; nothing is tried twice. dag.test() of Airflow 3.3.2 fails over a deadline, so there is none."""
    once = {"retries": 0, "retry_delay": timedelta(0)}
    with patch.multiple(
        graph, entry_points=Tasks(fails, selects=dag_id == "selected"), RETRY=once, discover=few, _deadline=lambda _: None
    ):
        return graph.cadence_dag(Cadence.DAILY, __doc__, dag_id=dag_id)


globals().update({dag_id: made(dag_id, fails) for dag_id, fails in FAILING.items()})
