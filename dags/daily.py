"""
# Daily: is everything in order?

Puts every daily question to every target of the inventory, stores the answers, and tells people once.

* **Green** is ok, or a finding too small to wake anybody. **Red** means a person is needed: mend it, clear the task,
  and green is the proof. **Skipped** is *unknown* (it could not be asked: its log says why and what to do), or was *not
  selected* in the form of this run.
* Trigger it by hand with the form to ask only some targets or areas, to look at another window, or to report again
  without asking.
* A backfill asks dated duties about the past; the others answer "present only". It sends one summary and no alerts.
* Everything here may be cleared and run again at any time: rows are replaced by their key, messages are updated in
  place.
"""

from airflow.sdk import DAG

from upkeep.airflow_bridge.graph import cadence_dag
from upkeep.window import Cadence

dag: DAG = cadence_dag(Cadence.DAILY, __doc__)
