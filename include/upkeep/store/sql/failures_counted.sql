-- How many failures of a thread have no message of their own.
select pg_catalog.count(*)::integer as counted
from upkeep.message
where thread = %s
and kind = 'failure'
and state = 'counted'
