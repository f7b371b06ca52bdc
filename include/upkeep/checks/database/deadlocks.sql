-- Deadlocks of each database since its statistics began, and the transactions that were counted beside them.
-- Caveat: a server that crashed forgets both; then the transactions go down too.
select
    statistics.datname::text as database,
    statistics.deadlocks::int8 as deadlocks,
    (statistics.xact_commit + statistics.xact_rollback)::int8 as transactions,
    statistics.stats_reset as since,
    pg_catalog.clock_timestamp() as at
from pg_catalog.pg_stat_database as statistics
where statistics.datname is not null
order by database
