-- Tables of this database: what vacuum and analyze would have to do, where autovacuum begins to (with the table's own settings), and when.
-- Caveat: counts are estimates; only tables with something to do, with autovacuum off, or large and never vacuumed, are listed.
-- The size of a table that is locked wholly is that of its last vacuum, since asking would wait.
with setting as (
    select
        pg_catalog.current_setting('autovacuum')::bool as enabled,
        pg_catalog.current_setting('autovacuum_vacuum_threshold')::float8 as base,
        pg_catalog.current_setting('autovacuum_vacuum_scale_factor')::float8 as scale,
        coalesce(pg_catalog.current_setting('autovacuum_vacuum_max_threshold', true), '-1')::float8 as cap,
        pg_catalog.current_setting('autovacuum_vacuum_insert_threshold')::float8 as insert_base,
        pg_catalog.current_setting('autovacuum_vacuum_insert_scale_factor')::float8 as insert_scale
),

own as materialized (
    select
        class.oid,
        class.relname,
        class.relnamespace,
        greatest(class.reltuples, 0)::float8 as tuples,
        class.relpages,
        (pg_catalog.to_jsonb(class) ->> 'relallfrozen')::float8 as frozen_pages,
        (
            select pg_catalog.jsonb_object_agg(option.option_name, option.option_value)
            from pg_catalog.pg_options_to_table(class.reloptions) as option
        ) as options
    from pg_catalog.pg_class as class
    where class.relkind in ('r', 'm')
    and class.relpersistence <> 't'
    and class.relnamespace <> 'pg_catalog'::pg_catalog.regnamespace
),

judged as (
    select
        pg_catalog.format('%I.%I', namespace.nspname, own.relname) as name,
        coalesce((own.options ->> 'autovacuum_enabled')::bool, true) as enabled,
        statistics.n_live_tup::float8 as live,
        statistics.n_dead_tup::float8 as dead,
        statistics.n_ins_since_vacuum::float8 as inserted,
        own.oid,
        greatest(statistics.last_autovacuum, statistics.last_vacuum) as vacuumed,
        coalesce((own.options ->> 'autovacuum_vacuum_max_threshold')::float8, setting.cap) as cap,
        coalesce((own.options ->> 'autovacuum_vacuum_threshold')::float8, setting.base)
        + coalesce((own.options ->> 'autovacuum_vacuum_scale_factor')::float8, setting.scale) * own.tuples as wanted,
        case
            when coalesce((own.options ->> 'autovacuum_vacuum_insert_threshold')::float8, setting.insert_base) >= 0
            then coalesce((own.options ->> 'autovacuum_vacuum_insert_threshold')::float8, setting.insert_base)
                + coalesce((own.options ->> 'autovacuum_vacuum_insert_scale_factor')::float8, setting.insert_scale) * own.tuples
                * (1 - coalesce(own.frozen_pages / nullif(own.relpages, 0), 0))
        end as insert_limit,
        own.relpages,
        (
            select max(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - activity.xact_start))
            from pg_catalog.pg_stat_progress_vacuum as progress
            inner join pg_catalog.pg_stat_activity as activity
                on activity.pid = progress.pid
            where progress.relid = own.oid
            and progress.datname = pg_catalog.current_database()
        ) as running_seconds
    from own
    cross join setting
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = own.relnamespace
    inner join pg_catalog.pg_stat_all_tables as statistics
        on statistics.relid = own.oid
),

locked as materialized (
    select lock.relation
    from pg_catalog.pg_locks as lock
    inner join pg_catalog.pg_database as database
        on database.oid = lock.database
    where lock.mode = 'AccessExclusiveLock'
    and database.datname = pg_catalog.current_database()
),

sized as materialized (
    select
        judged.*,
        case
            when judged.oid in (select locked.relation from locked)
            then greatest(judged.relpages, 0) * pg_catalog.current_setting('block_size')::int8
            else pg_catalog.pg_relation_size(judged.oid)
        end as bytes
    from judged
    where judged.dead > judged.wanted / 2
    or (judged.cap >= 0 and judged.dead > judged.cap / 2)
    or judged.inserted > judged.insert_limit / 2
    or not judged.enabled
)

select
    sized.name,
    sized.enabled,
    sized.live,
    sized.dead,
    sized.inserted,
    sized.bytes::float8 as bytes,
    case when sized.cap >= 0 then least(sized.wanted, sized.cap) else sized.wanted end as dead_limit,
    sized.insert_limit,
    pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - sized.vacuumed)::float8 as vacuumed_seconds,
    sized.running_seconds::float8 as running_seconds
from sized
where sized.bytes is not null
order by
    sized.dead desc,
    sized.name
limit 1000
