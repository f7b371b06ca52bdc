-- Pages of each database that failed their checksum when they were read, since the statistics were last reset.
-- Caveat: only pages that were read count; the row without a name is for shared catalogs.
select
    coalesce(statistics.datname::text, '(shared catalogs)') as database,
    pg_catalog.current_setting('data_checksums') = 'on' as enabled,
    coalesce(statistics.checksum_failures, 0)::int8 as failures,
    statistics.checksum_last_failure::text as last_failure
from pg_catalog.pg_stat_database as statistics
order by
    failures desc,
    database
