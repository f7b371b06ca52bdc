"""
What Airflow calls: the tasks of the DAGs and the callbacks of their runs.

Each imports its work when it is called. Whoever reads a DAG file, which happens every half minute and before every task, pays
for the graph alone.
"""

from collections.abc import Mapping
from typing import Any, Final

RUNNING_LATE: Final = "upkeep.airflow_bridge.run_alerts.running_late"
"""The callback of deadlines, by its path: Airflow keeps it as text."""


def begin() -> None:
    """The first task of a cadence."""
    from upkeep.airflow_bridge import tasks

    tasks.begin()


def ask_one(duty_name: str, target: str) -> None:
    """One duty about one target."""
    from upkeep.airflow_bridge import tasks

    tasks.ask_one(duty_name, target)


def fail_broken_module(module: str) -> None:
    """The task of a module that cannot be imported."""
    from upkeep.airflow_bridge import tasks

    tasks.fail_broken_module(module)


def missing_answers() -> None:
    """The task behind all duties."""
    from upkeep.airflow_bridge import tasks

    tasks.missing_answers()


def judge_rows() -> None:
    """The task that judges the quality of a run's rows."""
    from upkeep.airflow_bridge import tasks

    tasks.judge_rows()


def report() -> None:
    """The last task of a cadence that works."""
    from upkeep.airflow_bridge import tasks

    tasks.report()


def plan() -> str:
    """The first task of a restore; what it returns is shown to who approves."""
    from upkeep.airflow_bridge import restoring

    return restoring.plan()


def restore() -> None:
    """The task of a restore that was approved."""
    from upkeep.airflow_bridge import restoring

    restoring.restore()


def apply() -> str:
    """The task that does what people approved."""
    from upkeep.airflow_bridge import approved_job

    return approved_job.apply()


def task_failed(context: Mapping[str, Any]) -> None:
    """The callback of tasks of Upkeep's own."""
    from upkeep.airflow_bridge import run_alerts

    run_alerts.task_failed(context)


def run_failed(context: Mapping[str, Any]) -> None:
    """The callback of every run of a cadence."""
    from upkeep.airflow_bridge import run_alerts

    run_alerts.run_failed(context)
