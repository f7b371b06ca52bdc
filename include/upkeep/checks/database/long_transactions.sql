-- Transactions open in this database, how old they and their snapshots are, and what each session does now.
-- Caveat: only the first word of a query is taken, since queries carry data; vacuum by hand or not, which holds nothing back, replication,
-- parallel workers and Upkeep's own backups are left out.
select
    pg_catalog.format(
        '%s@%s',
        coalesce(activity.usename, activity.backend_type),
        coalesce(nullif(pg_catalog.regexp_replace(activity.application_name, '\d+', '#', 'g'), ''), 'unnamed')
    ) as who,
    activity.application_name as application,
    activity.pid,
    coalesce(activity.state, '') as state,
    pg_catalog.upper(coalesce(pg_catalog.substring(activity.query, '^\s*(\w+)'), '')) as command,
    extract(epoch from pg_catalog.clock_timestamp() - activity.xact_start)::float8 as open_s,
    extract(epoch from pg_catalog.clock_timestamp() - coalesce(activity.state_change, activity.xact_start))::float8 as in_state_s,
    coalesce(pg_catalog.age(activity.backend_xmin), 0) as xmin_age,
    activity.backend_xid is not null as wrote,
    activity.pid in (
        select progress.pid
        from pg_catalog.pg_stat_progress_create_index as progress
        union all
        select progress.pid
        from pg_catalog.pg_stat_progress_cluster as progress
        union all
        select progress.pid
        from pg_catalog.pg_stat_progress_analyze as progress
    ) as maintains
from pg_catalog.pg_stat_activity as activity
where activity.xact_start is not null
and activity.datname = pg_catalog.current_database()
and activity.pid <> pg_catalog.pg_backend_pid()
and activity.backend_type not in (
    'autovacuum launcher', 'autovacuum worker', 'parallel worker', 'startup', 'walreceiver', 'walsender'
)
and activity.application_name not like 'upkeep backup %'
and activity.pid not in (
    select progress.pid
    from pg_catalog.pg_stat_progress_vacuum as progress
)
and not (activity.application_name like 'upkeep %' and activity.usename = current_user)
order by
    who,
    open_s desc,
    activity.pid
