-- Who has used one of these tables in a transaction that is open for longer than so many seconds: a detach would wait for them.
select distinct coalesce(held.pid, 0)::int8 as pid
from pg_catalog.pg_locks as held
left join pg_catalog.pg_stat_activity as activity
    on activity.pid = held.pid
where held.locktype = 'relation'
and held.relation = any(%(oids)s::int8[]::oid[])
and held.database = (
    select database.oid
    from pg_catalog.pg_database as database
    where database.datname = pg_catalog.current_database()
)
and held.granted
and held.pid is distinct from pg_catalog.pg_backend_pid()
and (
    held.pid is null
    or activity.xact_start < pg_catalog.clock_timestamp() - %(seconds)s::float8 * interval '1 second'
)
and coalesce(activity.backend_type, '') <> 'autovacuum worker'
order by 1
