"""
# Quarterly: would we survive, and where is this going?

The duties of the quarter. Those that exist run here over every target; with none yet, the run says so in its report.
Safe to clear and to run again at any time.
"""

from airflow.sdk import DAG

from upkeep.airflow_bridge.graph import cadence_dag
from upkeep.window import Cadence

dag: DAG = cadence_dag(Cadence.QUARTERLY, __doc__)
