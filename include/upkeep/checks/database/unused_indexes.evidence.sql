-- Since when this node counts reads of indexes, and how many standbys read without being counted here.
-- Caveat: a crash forgets the counters and leaves no reset time at the database; the archiver's, which is set again then, bounds it.
select
    pg_catalog.clock_timestamp() as at,
    coalesce(
        greatest(statistics.stats_reset, archiver.stats_reset),
        pg_catalog.pg_postmaster_start_time()
    ) as since,
    pg_catalog.pg_is_in_recovery() as is_standby,
    (
        select count(*)
        from pg_catalog.pg_stat_replication as replica
        inner join pg_catalog.pg_stat_activity as activity
            on activity.pid = replica.pid
        where activity.datid is null
        and replica.application_name not like 'pg_basebackup%'
        and replica.application_name not like 'pg_receivewal%'
    ) as standbys
from pg_catalog.pg_stat_database as statistics
cross join pg_catalog.pg_stat_archiver as archiver
where statistics.datname = pg_catalog.current_database()
