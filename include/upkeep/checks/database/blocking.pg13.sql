-- Who waits for whom: one row per waiting session of this database and session or prepared transaction that blocks it.
-- Before version 14 a wait is dated from its statement.
-- Caveat: pid 0 is a prepared transaction. What a row lock is on is known only from the tuple lock that a waiter holds meanwhile.
with waiter as (
    select
        activity.pid,
        activity.query_start,
        activity.wait_event
    from pg_catalog.pg_stat_activity as activity
    where activity.wait_event_type = 'Lock'
    and activity.backend_type <> 'parallel worker'
    and activity.datname = pg_catalog.current_database()
),

lock as materialized (
    select *
    from pg_catalog.pg_locks
),

awaited as (
    select distinct on (waiter.pid)
        waiter.pid,
        coalesce(extract(epoch from pg_catalog.clock_timestamp() - waiter.query_start)::float8, 0) as wait_s,
        coalesce(
            pg_catalog.quote_ident(namespace.nspname) || '.' || pg_catalog.quote_ident(class.relname),
            case when lock.locktype = 'transactionid' then 'a row' else waiter.wait_event || ' lock' end
        ) as what,
        lock.locktype,
        lock.database,
        lock.relation,
        lock.transactionid,
        lock.classid,
        lock.objid,
        lock.objsubid,
        lock.virtualxid
    from waiter
    left join lock
        on lock.pid = waiter.pid
        and not lock.granted
    left join lock as row_lock
        on row_lock.pid = waiter.pid
        and row_lock.locktype = 'tuple'
        and row_lock.granted
    left join pg_catalog.pg_class as class
        on class.oid = coalesce(lock.relation, row_lock.relation)
    left join pg_catalog.pg_namespace as namespace
        on namespace.oid = class.relnamespace
    order by
        waiter.pid,
        class.oid
),

prepared as (
    select
        lock.virtualtransaction,
        xact.gid,
        xact.owner,
        xact.prepared
    from pg_catalog.pg_prepared_xacts as xact
    inner join lock
        on lock.locktype = 'transactionid'
        and lock.transactionid = xact.transaction
        and lock.granted
        and lock.pid is null
),

edge as (
    select distinct
        waiter.pid,
        blocker.pid as blocker
    from waiter
    cross join lateral pg_catalog.unnest(pg_catalog.pg_blocking_pids(waiter.pid)) as blocker (pid)
)

select
    edge.pid,
    awaited.wait_s,
    awaited.what,
    edge.blocker,
    coalesce(prepared.gid, '') as gid,
    case
        when prepared.gid is not null then pg_catalog.format('%s@prepared transaction', prepared.owner)
        when edge.blocker = 0 then 'prepared transaction'
        when activity.backend_type = 'autovacuum worker' then 'autovacuum'
        else pg_catalog.format(
            '%s@%s',
            coalesce(activity.usename, activity.backend_type, 'gone'),
            coalesce(nullif(pg_catalog.regexp_replace(activity.application_name, '\d+', '#', 'g'), ''), 'unnamed')
        )
    end as who,
    case
        when edge.blocker = 0 then 'prepared'
        when activity.backend_type = 'autovacuum worker' and activity.query like '%(to prevent wraparound)'
        then 'autovacuum to prevent wraparound'
        else coalesce(activity.state, activity.backend_type, 'gone')
    end as state
from edge
inner join awaited
    on awaited.pid = edge.pid
left join pg_catalog.pg_stat_activity as activity
    on activity.pid = edge.blocker
left join lock as held
    on edge.blocker = 0
    and held.pid is null
    and held.granted
    and held.locktype = awaited.locktype
    and held.database is not distinct from awaited.database
    and held.relation is not distinct from awaited.relation
    and held.transactionid is not distinct from awaited.transactionid
    and held.virtualxid is not distinct from awaited.virtualxid
    and held.classid is not distinct from awaited.classid
    and held.objid is not distinct from awaited.objid
    and held.objsubid is not distinct from awaited.objsubid
left join prepared
    on prepared.virtualtransaction = held.virtualtransaction
order by
    edge.pid,
    edge.blocker,
    gid
