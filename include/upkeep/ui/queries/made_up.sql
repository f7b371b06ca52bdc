-- Until when the past was made up, as the demo's is; null where nothing was.
select max(window_end) as until
from upkeep.run
where run_type = 'made up'
