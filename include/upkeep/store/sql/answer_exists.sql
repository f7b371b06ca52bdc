-- Whether this duty already answered for this target and window.
select 1
from upkeep.answer
where duty = %s
and target = %s
and window_start = %s
and window_end = %s
