-- The result of the data-quality gate on one window.
select content
from upkeep.report
where cadence = %s
and window_start = %s
and window_end = %s
and name = %s
