"""
# Decisions: what only people may say

A run for each question: a review that a duty asks, with its evidence, or the plan of a job that is too risky to be done
unasked. `open_decisions` starts it when a cadence has reported.

* **answer** shows the question to the owner and those on call (people with `airflow` in the inventory). Look under
  Required Actions. It waits without a worker; Slack has the link, and a reminder comes at half the time.
* **countersign**, where two people must sign, shows what was decided to another person. Skipped where one is enough.
* **apply** does what was approved of a plan: exactly that, and only while it still holds. When the world has changed, nothing
  is done and people are asked again in a run of its own. Skipped for reviews, and for what nobody approved.
* **Red** is *missed* (due, and nobody answered: nothing was approved) or *objected*. Clear **answer** to ask again.
  **Skipped** is withdrawn: the duty has asked anew, or there is nothing to ask any more.
* What was signed, by whom, on which evidence, stands on the page Decisions. It is never asked twice, however often
  its cadence is cleared.
"""

from airflow.sdk import DAG

from upkeep.airflow_bridge.decisions import decisions_dag, open_decisions_dag

dag: DAG = decisions_dag(__doc__)
opener: DAG = open_decisions_dag()
