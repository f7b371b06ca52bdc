"""
# Yearly: would we still build it this way?

The duties of the year. Those that exist run here over every target; with none yet, the run says so in its report. Safe
to clear and to run again at any time.
"""

from airflow.sdk import DAG

from upkeep.airflow_bridge.graph import cadence_dag
from upkeep.window import Cadence

dag: DAG = cadence_dag(Cadence.YEARLY, __doc__)
