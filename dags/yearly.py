"""
# Yearly: would we still build it this way?

The duties of the year. Those that exist run here over every target; with none yet, the run says so in its report.

Reads like the daily one: **green** is in order, **red** needs a person, **skipped** is unknown, with its reason in the
log, or not selected in the form of the run. Safe to clear and to run again at any time.
"""

from airflow.sdk import DAG

from upkeep.airflow_bridge.graph import cadence_dag
from upkeep.window import Cadence

dag: DAG = cadence_dag(Cadence.YEARLY, __doc__)
