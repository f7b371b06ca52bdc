-- The thread of the backfilled run that began last, if that is less than an hour ago.
select thread
from upkeep.run
where cadence = %(cadence)s
and run_type = 'backfill'
and coalesce(again_at, started_at) > %(at)s - interval '1 hour'
and thread like 'backfill/%%'
order by coalesce(again_at, started_at) desc
limit 1
