-- Autovacuum of the whole server: whether it is on, how many workers it may have, and what they do now.
-- Caveat: a moment's picture; the longest worker's time tells a burst from a shortage.
select
    pg_catalog.current_setting('autovacuum') = 'on' as enabled,
    pg_catalog.current_setting('track_counts') = 'on' as counting,
    pg_catalog.current_setting('autovacuum_max_workers')::int as allowed,
    count(activity.pid)::int as busy,
    coalesce(
        pg_catalog.min(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - activity.xact_start)), 0
    )::float8 as shortest_seconds
from (select 1) as one
left join pg_catalog.pg_stat_activity as activity
    on activity.backend_type = 'autovacuum worker'
