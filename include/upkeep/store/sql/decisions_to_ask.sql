-- What waits for its answer, oldest first, and where it is asked; approvals that belong to a run are asked by it.
select
    duty,
    target,
    window_start,
    window_end,
    round,
    case when asked_at is not null then run_id end as run_id
from upkeep.decision
where run = ''
and status = 'open'
and due_at > %(now)s
order by
    opened_at,
    key
