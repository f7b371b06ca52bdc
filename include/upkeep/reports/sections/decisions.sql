-- Decisions that waited for people when a window ended, and those that were missed in it; soonest due first.
-- Caveat: one that was asked in several rounds is told by its newest.
select
    subject,
    target,
    due_at,
    asked_at is not null and asked_at < %(end)s as asked,
    status = 'missed' and closed_at < %(end)s as missed
from upkeep.decision
where opened_at < %(end)s
and (
    closed_at is null
    or closed_at >= %(end)s
    or (status = 'missed' and closed_at >= %(start)s)
)
order by
    due_at,
    key
