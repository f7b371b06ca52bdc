-- The newest state of an earlier window.
select state
from upkeep.duty_state
where duty = %s
and target = %s
and window_end <= %s
order by window_end desc
limit 1
