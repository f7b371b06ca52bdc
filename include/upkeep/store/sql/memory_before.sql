-- The newest memory of an earlier window.
select content
from upkeep.memory
where duty = %s
and target = %s
and window_end <= %s
order by window_end desc
limit 1
