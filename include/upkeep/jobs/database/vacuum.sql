-- Tables with what vacuum would find to do: dead and new rows against what makes autovacuum begin by the table's own settings, ages, visibility.
-- Caveat: rows are counted since the last reset of statistics; `counted` is false where a crash or a reset emptied the counters.
-- TOAST tables have settings of their own, or else those of their table; they stand beside it. Temporary tables are never listed.
with setting as (
    select
        pg_catalog.current_setting('autovacuum_vacuum_threshold')::float8 as base,
        pg_catalog.current_setting('autovacuum_vacuum_scale_factor')::float8 as scale,
        coalesce(pg_catalog.current_setting('autovacuum_vacuum_max_threshold', true), '-1')::float8 as cap,
        pg_catalog.current_setting('autovacuum_vacuum_insert_threshold')::float8 as insert_base,
        pg_catalog.current_setting('autovacuum_vacuum_insert_scale_factor')::float8 as insert_scale,
        pg_catalog.current_setting('autovacuum_freeze_max_age')::float8 as freeze_age,
        pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::float8 as multixact_age,
        pg_catalog.current_setting('server_version_num')::int as version
),

relation as materialized (
    select
        class.oid,
        class.relkind,
        class.relname,
        class.relnamespace,
        class.reltoastrelid,
        greatest(class.reltuples, 0)::float8 as tuples,
        greatest(class.relpages, 0)::float8 as pages,
        class.relallvisible::float8 as visible_pages,
        (pg_catalog.to_jsonb(class) ->> 'relallfrozen')::float8 as frozen_pages,
        pg_catalog.age(class.relfrozenxid)::float8 as xid_age,
        pg_catalog.mxid_age(class.relminmxid)::float8 as multixact_age,
        case when class.reloptions is null and class.relkind = 't' then owner.reloptions else class.reloptions end as reloptions
    from pg_catalog.pg_class as class
    left join pg_catalog.pg_class as owner
        on owner.reltoastrelid = class.oid
        and class.relkind = 't'
    where class.relkind in ('r', 'm', 't')
    and class.relpersistence <> 't'
    and class.relfrozenxid <> '0'::pg_catalog.xid
),

own as materialized (
    select
        relation.*,
        (
            select pg_catalog.jsonb_object_agg(option.option_name, option.option_value)
            from pg_catalog.pg_options_to_table(relation.reloptions) as option
        ) as options
    from relation
),

judged as materialized (
    select
        own.*,
        coalesce((own.options ->> 'autovacuum_enabled')::bool, true) as enabled,
        coalesce((own.options ->> 'autovacuum_vacuum_threshold')::float8, setting.base) as base,
        coalesce((own.options ->> 'autovacuum_vacuum_scale_factor')::float8, setting.scale) as scale,
        coalesce((own.options ->> 'autovacuum_vacuum_max_threshold')::float8, setting.cap) as cap,
        coalesce((own.options ->> 'autovacuum_vacuum_insert_threshold')::float8, setting.insert_base) as insert_base,
        coalesce((own.options ->> 'autovacuum_vacuum_insert_scale_factor')::float8, setting.insert_scale) as insert_scale,
        -- From version 18 on only the part that is not frozen yet counts.
        case
            when own.frozen_pages > 0 and own.pages > 0 then 1 - least(own.frozen_pages / own.pages, 1)
            else 1
        end as unfrozen,
        least((own.options ->> 'autovacuum_freeze_max_age')::float8, setting.freeze_age) as freeze_age,
        least((own.options ->> 'autovacuum_multixact_freeze_max_age')::float8, setting.multixact_age) as multixact_freeze_age,
        pg_catalog.pg_stat_get_dead_tuples(own.oid)::float8 as dead,
        pg_catalog.pg_stat_get_ins_since_vacuum(own.oid)::float8 as inserted
    from own
    cross join setting
),

measured as materialized (
    select
        judged.*,
        case
            when judged.cap >= 0 then least(judged.base + judged.scale * judged.tuples, judged.cap)
            else judged.base + judged.scale * judged.tuples
        end as dead_limit,
        case
            when judged.insert_base >= 0
            then judged.insert_base + judged.insert_scale * judged.tuples * judged.unfrozen
        end as insert_limit
    from judged
),

indexed as (
    select
        index.indrelid as oid,
        count(*) as indexes,
        sum(greatest(class.relpages, 0))::float8 * pg_catalog.current_setting('block_size')::float8 as bytes
    from pg_catalog.pg_index as index
    inner join pg_catalog.pg_class as class
        on class.oid = index.indexrelid
    group by index.indrelid
)

select
    measured.oid::int8 as oid,
    namespace.nspname::text as schema_name,
    measured.relname::text as table_name,
    pg_catalog.format('%I.%I', namespace.nspname, measured.relname) as name,
    namespace.nspname in ('pg_catalog', 'information_schema') as system,
    measured.enabled,
    measured.tuples,
    measured.pages,
    measured.visible_pages,
    measured.dead,
    measured.dead_limit,
    measured.base,
    measured.scale,
    measured.inserted,
    measured.insert_limit,
    measured.insert_base,
    measured.insert_scale,
    measured.unfrozen,
    toast.dead as toast_dead,
    toast.dead_limit as toast_dead_limit,
    greatest(measured.xid_age, toast.xid_age) as xid_age,
    measured.freeze_age,
    greatest(measured.multixact_age, toast.multixact_age) as multixact_age,
    measured.multixact_freeze_age,
    coalesce(indexed.indexes, 0)::int8 as indexes,
    coalesce(indexed.bytes, 0)::float8 as index_bytes,
    measured.tuples = 0
    or pg_catalog.pg_stat_get_live_tuples(measured.oid) > 0
    or pg_catalog.pg_stat_get_tuples_inserted(measured.oid) > 0
    or pg_catalog.pg_stat_get_tuples_deleted(measured.oid) > 0
    or coalesce(
        pg_catalog.pg_stat_get_last_vacuum_time(measured.oid),
        pg_catalog.pg_stat_get_last_autovacuum_time(measured.oid),
        pg_catalog.pg_stat_get_last_analyze_time(measured.oid),
        pg_catalog.pg_stat_get_last_autoanalyze_time(measured.oid)
    ) is not null as counted,
    exists (
        select
        from pg_catalog.pg_stat_progress_vacuum as progress
        where progress.datname = pg_catalog.current_database()
        and progress.relid in (measured.oid, measured.reltoastrelid)
    ) as under_way
from measured
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = measured.relnamespace
left join measured as toast
    on toast.oid = measured.reltoastrelid
left join indexed
    on indexed.oid = measured.oid
where measured.relkind in ('r', 'm')
order by
    name,
    oid
