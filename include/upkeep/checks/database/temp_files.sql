-- Temporary files that queries of each database wrote since its statistics began, and the transactions counted beside them.
-- Caveat: files are counted when they are closed; a server that crashed forgets them, and then the transactions go down too.
select
    statistics.datname::text as database,
    statistics.temp_files::int8 as files,
    statistics.temp_bytes::int8 as bytes,
    (statistics.xact_commit + statistics.xact_rollback)::int8 as transactions,
    statistics.stats_reset as since,
    pg_catalog.clock_timestamp() as at
from pg_catalog.pg_stat_database as statistics
where statistics.datname is not null
order by database
