-- One decision, locked against changes until the transaction ends.
select
    kind,
    duty,
    target,
    window_start,
    window_end,
    run,
    question,
    digest,
    needed,
    due_days,
    asked_by,
    signers,
    status,
    outcome,
    reason,
    round,
    opened_at,
    due_at,
    asked_at,
    reminded_at,
    closed_at,
    dag_id,
    run_id,
    task_id,
    begun_at,
    result,
    result_ok
from upkeep.decision
where key = %(key)s
for update
