"""DAGs of the shape of the daily one whose tasks do nothing: one for each way that a run can go wrong."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from airflow.sdk import DAG

from upkeep.airflow_bridge import graph
from upkeep.discovery import find
from upkeep.duty import Duty
from upkeep.window import Cadence

FAILING = {"well": "", "red": "ask_one", "unreported": "report", "unbegun": "begin", "unfit": "judge_rows"}


class Tasks:
    """Stands for upkeep.airflow_bridge.tasks: does nothing, and fails where it is told to."""

    def __init__(self, fails: str) -> None:
        self.fails = fails

    def __getattr__(self, name: str) -> Any:
        def nothing() -> None:
            if name == self.fails:
                raise RuntimeError(name)

        def ask_one(duty_name: str, target: str) -> None:  # noqa: ARG001 - the names of what is mapped
            nothing()

        return ask_one if name == "ask_one" else nothing


def few() -> tuple[Duty, ...]:
    """Two duties, of which one waits for the other."""
    asked = find("sequences")
    return asked, replace(asked, name="later", after=("sequences",))


def made(dag_id: str, fails: str) -> DAG:
    """One of them; nothing is tried twice. dag.test() of Airflow 3.3.2 fails over a deadline, so there is none."""
    once = {"retries": 0, "retry_delay": timedelta(0)}
    with patch.multiple(graph, tasks=Tasks(fails), RETRY=once, discover=few, _deadline=lambda _: None):
        return graph.cadence_dag(Cadence.DAILY, __doc__, dag_id=dag_id)


globals().update({dag_id: made(dag_id, fails) for dag_id, fails in FAILING.items()})
