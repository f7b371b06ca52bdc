-- Tables of the system catalog with what is needed to estimate their size: live rows, and width, alignment and nulls of each column.
-- Caveat: a text column without statistics counts as 32 bytes, a large object's page as 2048. Pages are of the last vacuum or analyze.
select
    pg_catalog.format('pg_catalog.%I', class.relname) as name,
    pg_catalog.current_setting('block_size')::int as page,
    greatest(class.relpages, 0)::int8 * pg_catalog.current_setting('block_size')::int8 as bytes,
    (
        select coalesce(sum(greatest(index_class.relpages, 0)), 0)::int8 * pg_catalog.current_setting('block_size')::int8
        from pg_catalog.pg_index as index
        inner join pg_catalog.pg_class as index_class
            on index_class.oid = index.indexrelid
        where index.indrelid = class.oid
    ) as index_bytes,
    case
        when coalesce(
            pg_catalog.pg_stat_get_last_vacuum_time(class.oid),
            pg_catalog.pg_stat_get_last_autovacuum_time(class.oid),
            pg_catalog.pg_stat_get_last_analyze_time(class.oid),
            pg_catalog.pg_stat_get_last_autoanalyze_time(class.oid)
        ) is not null
        then pg_catalog.pg_stat_get_live_tuples(class.oid)
        else class.reltuples
    end::float8 as row_count,
    pg_catalog.pg_stat_get_dead_tuples(class.oid)::int8 as dead,
    (
        select pg_catalog.json_agg(
            pg_catalog.json_build_array(
                case
                    when attribute.attlen > 0 then attribute.attlen
                    else coalesce(statistics.avg_width, case class.relname when 'pg_largeobject' then 2048 else 32 end)
                end,
                case attribute.attalign when 'd' then 8 when 'i' then 4 when 's' then 2 else 1 end,
                coalesce(statistics.null_frac, 0)
            )
            order by attribute.attnum
        )
        from pg_catalog.pg_attribute as attribute
        left join pg_catalog.pg_stats as statistics
            on statistics.schemaname = 'pg_catalog'
            and statistics.tablename = class.relname
            and statistics.attname = attribute.attname
        where attribute.attrelid = class.oid
        and attribute.attnum > 0
    ) as columns
from pg_catalog.pg_class as class
where class.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
and class.relkind = 'r'
and class.relpages > 16
order by
    bytes desc,
    name
