-- Sessions of this database that have a transaction open and do nothing, and whom they keep waiting.
-- Caveat: the session that holds a backup's snapshot is idle by design and is left out;
-- digits of application names are written as #, so that one application stays one name over its processes.
with waiting as (
    select distinct
        activity.pid,
        activity.query_start,
        pg_catalog.unnest(pg_catalog.pg_blocking_pids(activity.pid)) as blocker
    from pg_catalog.pg_stat_activity as activity
    where activity.wait_event_type = 'Lock'
),

blocked as (
    select
        blocker,
        count(distinct pid) as waiters,
        max(extract(epoch from pg_catalog.clock_timestamp() - query_start)) as longest_s
    from waiting
    group by blocker
)

select
    pg_catalog.format(
        '%s@%s',
        activity.usename,
        coalesce(nullif(pg_catalog.regexp_replace(activity.application_name, '\d+', '#', 'g'), ''), 'unnamed')
    ) as who,
    activity.pid,
    activity.state = 'idle in transaction (aborted)' as aborted,
    extract(epoch from pg_catalog.clock_timestamp() - activity.state_change)::float8 as idle_s,
    extract(epoch from pg_catalog.clock_timestamp() - coalesce(activity.xact_start, activity.state_change))::float8 as open_s,
    activity.backend_xid is not null as wrote,
    coalesce(pg_catalog.age(activity.backend_xmin), 0) as xmin_age,
    coalesce(blocked.waiters, 0)::int as waiters,
    coalesce(blocked.longest_s, 0)::float8 as longest_wait_s
from pg_catalog.pg_stat_activity as activity
left join blocked
    on blocked.blocker = activity.pid
where activity.state in ('idle in transaction', 'idle in transaction (aborted)')
and activity.datname = pg_catalog.current_database()
and activity.pid <> pg_catalog.pg_backend_pid()
and activity.application_name not like 'upkeep backup %'
order by
    who,
    idle_s desc,
    activity.pid
