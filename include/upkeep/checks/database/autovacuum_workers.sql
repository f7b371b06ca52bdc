-- Autovacuum of the whole server: whether it is on, how many workers it may have, and what they do now.
-- Caveat: a moment's picture; the longest worker's time tells a burst from a shortage.
select
    pg_catalog.current_setting('autovacuum') = 'on' as enabled,
    -- Where this login has a value of its own the server's is not seen, but the launcher runs only where both are on.
    case
        when setting.source in ('global', 'database', 'user', 'database user', 'client', 'session')
        and pg_catalog.current_setting('autovacuum') = 'on'
        then exists (select from pg_catalog.pg_stat_activity as other where other.backend_type = 'autovacuum launcher')
        when setting.source in ('global', 'database', 'user', 'database user', 'client', 'session') then true
        else setting.setting = 'on'
    end as counting,
    pg_catalog.current_setting('autovacuum_max_workers')::int as allowed,
    count(activity.pid)::int as busy,
    coalesce(
        pg_catalog.min(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - activity.xact_start)), 0
    )::float8 as shortest_seconds
from pg_catalog.pg_settings as setting
left join pg_catalog.pg_stat_activity as activity
    on activity.backend_type = 'autovacuum worker'
where setting.name = 'track_counts'
group by
    setting.setting,
    setting.source
order by setting.setting
