-- Reviews that wait for their answer, oldest first.
select
    key,
    duty,
    target,
    window_start,
    window_end
from upkeep.decision
where kind = 'review'
and status = 'open'
and due_at > %(now)s
order by
    opened_at,
    key
