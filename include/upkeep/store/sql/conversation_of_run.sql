-- The thread that a window's run speaks in.
select conversation
from upkeep.run
where cadence = %s
and window_start = %s
and window_end = %s
