"""
# Monthly: what should be cleaned, tried or renewed?

The duties of the month. Those that exist run here over every target; with none yet, the run says so in its report.

Reads like the daily one: **green** is in order, **red** needs a person, **skipped** is unknown, with its reason in the
log, or not selected in the form of the run. Safe to clear and to run again at any time.
"""

from airflow.sdk import DAG

from upkeep.airflow_bridge.graph import cadence_dag
from upkeep.window import Cadence

dag: DAG = cadence_dag(Cadence.MONTHLY, __doc__)
