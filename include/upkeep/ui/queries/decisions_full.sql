-- Decisions in full: one of them, or all that were opened in a span of time, oldest first.
select
    key,
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
    patch,
    result_ok,
    result,
    result_at
from upkeep.decision
where (%(key)s::text is null or key = %(key)s)
and (%(since)s::timestamptz is null or opened_at >= %(since)s)
and (%(until)s::timestamptz is null or opened_at < %(until)s)
order by
    opened_at,
    key
limit %(limit)s
