"""
# Weekly: what is building up?

Questions whose answers change slowly: unused, duplicate and missing indexes, bloat, stale statistics, logins with too
many rights.

Reads like the daily one: **green** is in order, **red** needs a person, **skipped** is unknown, with its reason in the
log, or not selected in the form of the run. Findings come with what to do about them; a finding you accept goes into
`include/waivers.yaml` with a reason and an expiry. Safe to clear and to run again at any time.
"""

from airflow.sdk import DAG

from upkeep.airflow_bridge.graph import cadence_dag
from upkeep.window import Cadence

dag: DAG = cadence_dag(Cadence.WEEKLY, __doc__)
