-- Pairs of duty and target that have an answer for a window.
select
    duty,
    target
from upkeep.answer
where cadence = %s
and window_start = %s
and window_end = %s
order by
    duty,
    target
