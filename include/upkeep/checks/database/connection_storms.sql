-- Counters of the sessions of this database, as they stand now, and since when they count.
-- Caveat: from version 14 on. The time of sessions still open is counted as it passes, so the mean is a little low just after a start.
select
    pg_catalog.clock_timestamp() as at,
    statistics.stats_reset as since,
    pg_catalog.pg_postmaster_start_time() as started,
    statistics.sessions,
    statistics.session_time::float8 as session_ms,
    statistics.sessions_abandoned as abandoned,
    statistics.sessions_fatal as fatal,
    statistics.sessions_killed as killed
from pg_catalog.pg_stat_database as statistics
where statistics.datname = pg_catalog.current_database()
