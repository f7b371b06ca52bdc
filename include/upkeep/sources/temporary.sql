-- Temporary schemas with tables in them, and whether the session that made them still lives (not known before version 16).
-- Caveat: a schema counts as living while any session of this database has its number, also one that has not made anything.
with other as (
    select count(*) as sessions
    from pg_catalog.pg_stat_activity as activity
    where activity.datname = pg_catalog.current_database()
    and activity.backend_type = 'client backend'
    and activity.pid <> pg_catalog.pg_backend_pid()
)

select
    namespace.nspname::text as name,
    count(*)::int8 as tables,
    sum(greatest(class.relpages, 0))::int8 * pg_catalog.current_setting('block_size')::int8 as bytes,
    coalesce(pg_catalog.max(pg_catalog.age(class.relfrozenxid)) filter (where class.relkind <> 'S'), 0)::int8 as xids,
    other.sessions::int8 as sessions,
    case
        when other.sessions = 0 then false
        when pg_catalog.current_setting('server_version_num')::int >= 160000
        then exists (
            select
            from pg_catalog.pg_stat_get_backend_idset() as backend (number)
            where backend.number = pg_catalog.substring(namespace.nspname, '\d+$')::int
            and pg_catalog.pg_stat_get_backend_pid(backend.number) <> pg_catalog.pg_backend_pid()
            and pg_catalog.pg_stat_get_backend_dbid(backend.number) = (
                select database.oid
                from pg_catalog.pg_database as database
                where database.datname = pg_catalog.current_database()
            )
        )
    end as alive
from pg_catalog.pg_namespace as namespace
inner join pg_catalog.pg_class as class
    on class.relnamespace = namespace.oid
    and class.relkind in ('r', 'S')
cross join other
where namespace.nspname ~ '^pg_temp_\d+$'
group by
    namespace.nspname,
    other.sessions
order by name
