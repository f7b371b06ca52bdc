-- The newest approval that a DAG run has asked for, and how it stands.
select
    decision.key,
    decision.subject,
    decision.status,
    decision.outcome,
    decision.reason,
    decision.opened_at,
    decision.due_at,
    decision.closed_at,
    decision.dag_id,
    decision.run_id,
    decision.task_id
from upkeep.decision
where decision.run = %(run_id)s
order by
    decision.opened_at desc,
    decision.key
limit 1
