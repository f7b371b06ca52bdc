"""The daily DAG as it is, and its twin of the same shape whose tasks do nothing."""

from unittest.mock import patch

from airflow.sdk import DAG

from upkeep.airflow_bridge import graph
from upkeep.window import Cadence


class Nothing:
    """Stands for upkeep.airflow_bridge.tasks: the same names, no work."""

    @staticmethod
    def begin() -> None:
        """Do nothing."""

    @staticmethod
    def ask_one(duty_name: str, target: str) -> None:
        """Do nothing."""

    missing_answers = judge_rows = report = begin

    @staticmethod
    def fail_broken_module(module: str) -> None:
        """Do nothing."""


dag: DAG = graph.cadence_dag(Cadence.DAILY, __doc__)

with patch.object(graph, "tasks", Nothing):
    empty: DAG = graph.cadence_dag(Cadence.DAILY, __doc__, dag_id="empty")
