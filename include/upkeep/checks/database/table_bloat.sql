-- Large tables with what is needed to estimate their size: live rows, and width, alignment and nulls of each column.
-- Caveat: pg_stats shows a column only to roles that may read it; `unseen` counts the others. Pages are of the last vacuum or analyze.
-- Caveat: rows live are counted since the last reset of statistics; where nothing was vacuumed or analyzed since, the catalog's number stands.
with large as (
    select
        class.oid,
        class.relname,
        class.relnamespace,
        class.relpages,
        class.reltuples,
        class.reltoastrelid,
        class.reloptions
    from pg_catalog.pg_class as class
    where class.relkind in ('r', 'm')
    and class.relpersistence <> 't'
    order by
        class.relpages desc,
        class.oid
    limit 1000
),

shaped as (
    select
        attribute.attrelid,
        pg_catalog.json_agg(
            pg_catalog.json_build_array(
                case when attribute.attlen > 0 then attribute.attlen else coalesce(statistics.avg_width, 0) end,
                case
                    when attribute.attlen = -1 and coalesce(statistics.avg_width, 0) < 127 then 1
                    else case attribute.attalign when 'd' then 8 when 'i' then 4 when 's' then 2 else 1 end
                end,
                case when attribute.attisdropped then 1 else coalesce(statistics.null_frac, 0) end
            )
            order by attribute.attnum
        ) as columns,
        count(*) filter (where attribute.attlen < 0 and statistics.avg_width is null and not attribute.attisdropped) as unseen
    from large
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = large.relnamespace
    inner join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = large.oid
        and attribute.attnum > 0
    left join pg_catalog.pg_stats as statistics
        on statistics.schemaname = namespace.nspname
        and statistics.tablename = large.relname
        and statistics.attname = attribute.attname
        and not statistics.inherited
    group by attribute.attrelid
)

select
    large.oid::int8 as oid,
    pg_catalog.format('%I.%I', namespace.nspname, large.relname) as name,
    pg_catalog.current_setting('block_size')::int as page,
    large.relpages::int8 * pg_catalog.current_setting('block_size')::int8 as bytes,
    case
        when coalesce(
            pg_catalog.pg_stat_get_last_vacuum_time(large.oid),
            pg_catalog.pg_stat_get_last_autovacuum_time(large.oid),
            pg_catalog.pg_stat_get_last_analyze_time(large.oid),
            pg_catalog.pg_stat_get_last_autoanalyze_time(large.oid)
        ) is not null
        then pg_catalog.pg_stat_get_live_tuples(large.oid)
        else greatest(large.reltuples, 0)
    end::float8 as row_count,
    pg_catalog.pg_stat_get_dead_tuples(large.oid)::int8 as dead,
    coalesce(
        pg_catalog.substring(pg_catalog.array_to_string(large.reloptions, ','), '(?:^|,)fillfactor=(\d+)')::int,
        100
    ) as fill,
    coalesce(shaped.columns, '[]') as columns,
    coalesce(shaped.unseen, 0)::int as unseen,
    pg_catalog.date_part(
        'epoch',
        pg_catalog.clock_timestamp() - greatest(
            pg_catalog.pg_stat_get_last_analyze_time(large.oid),
            pg_catalog.pg_stat_get_last_autoanalyze_time(large.oid)
        )
    )::float8 / 86400 as widths_days,
    large.reltoastrelid::int8 as toast_oid,
    exists (
        select
        from pg_catalog.pg_stat_progress_cluster as progress
        where progress.datname = pg_catalog.current_database()
        and progress.relid in (large.oid, large.reltoastrelid)
    ) as rewriting,
    coalesce(greatest(toast.relpages, 0), 0)::int8 * pg_catalog.current_setting('block_size')::int8 as toast_bytes,
    case
        when coalesce(
            pg_catalog.pg_stat_get_last_vacuum_time(toast.oid),
            pg_catalog.pg_stat_get_last_autovacuum_time(toast.oid)
        ) is not null
        then pg_catalog.pg_stat_get_live_tuples(toast.oid)
        else greatest(toast.reltuples, 0)
    end::float8 as chunks
from large
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = large.relnamespace
left join shaped
    on shaped.attrelid = large.oid
left join pg_catalog.pg_class as toast
    on toast.oid = large.reltoastrelid
where namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
order by
    bytes desc,
    name
