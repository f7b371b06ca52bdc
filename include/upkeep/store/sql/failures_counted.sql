-- How many failures of a conversation have no message of their own.
select pg_catalog.count(*)::integer as counted
from upkeep.message
where conversation = %s
and kind = 'failure'
and state = 'counted'
