"""
# Backups: could we get everything back?

Takes a verified backup of every database that the inventory has Upkeep back up, then deletes old ones as `retention`
says. By night and apart from the checks, since it may take hours: two databases at a time, in the queue `heavy`.

* **Green** is a complete backup, every object of it read back. **Red** needs a person: the log says why; mend that and
  clear the task. Tasks that were killed may be cleared too: half-made backups are removed, earlier ones never touched.
  **Skipped** is *unknown* (its log says why), or was *not selected* in the form of this run.
* `backup_completed` of the daily run judges the newest backup there is, whoever took it.
* Trigger it by hand to take one now; the form can choose some databases. There is no backfill: of a past night no
  backup can be taken.
* With Celery or Kubernetes, somebody must work on the queue `heavy`; see docs/operations.md.
"""

from airflow.sdk import DAG

from upkeep.airflow_bridge.graph import cadence_dag
from upkeep.window import Cadence

dag: DAG = cadence_dag(Cadence.BACKUPS, __doc__)
