-- Large B-tree indexes with what is needed to estimate their size: entries, and width, nulls and different values of each column.
-- Caveat: pg_stats shows a column only to roles that may read it; `unseen` counts the others. Pages are of the last vacuum or analyze.
-- Caveat: values that are equal but look different (such as numeric) are never deduplicated: their operator class has no function 4.
with large as (
    select
        class.oid,
        class.relname,
        class.relnamespace,
        class.relpages,
        class.reltuples,
        class.reloptions,
        index.indrelid,
        index.indkey,
        index.indclass,
        index.indcollation,
        index.indnkeyatts,
        index.indnatts,
        index.indisunique,
        index.indpred
    from pg_catalog.pg_class as class
    inner join pg_catalog.pg_index as index
        on index.indexrelid = class.oid
    inner join pg_catalog.pg_am as method
        on method.oid = class.relam
    where class.relkind = 'i'
    and class.relpersistence <> 't'
    and method.amname = 'btree'
    and index.indisvalid
    order by
        class.relpages desc,
        class.oid
    limit 1000
),

shaped as (
    select
        large.oid,
        pg_catalog.json_agg(
            pg_catalog.json_build_array(
                case when attribute.attlen > 0 then attribute.attlen else coalesce(statistics.avg_width, 0) end,
                case
                    when attribute.attlen = -1 and coalesce(statistics.avg_width, 0) < 127 then 1
                    else case attribute.attalign when 'd' then 8 when 'i' then 4 when 's' then 2 else 1 end
                end,
                coalesce(statistics.null_frac, 0),
                coalesce(statistics.n_distinct, 0)
            )
            order by attribute.attnum
        ) as columns,
        count(*) filter (
            where statistics.n_distinct is null
            and (attribute.attlen < 0 or not large.indisunique)
        ) as unseen,
        bool_and(
            attribute.attnum <= large.indnkeyatts
            and equal_image.oid is not null
            and coalesce(collation_used.collisdeterministic, true)
        ) as is_equal_image
    from large
    inner join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = large.oid
    inner join pg_catalog.pg_class as indexed
        on indexed.oid = large.indrelid
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = indexed.relnamespace
    left join pg_catalog.pg_attribute as plain
        on plain.attrelid = large.indrelid
        and plain.attnum = large.indkey [attribute.attnum - 1]
        and plain.attnum > 0
    left join pg_catalog.pg_stats as statistics
        on statistics.schemaname = namespace.nspname
        and statistics.tablename = case when plain.attnum is null then large.relname else indexed.relname end
        and statistics.attname = coalesce(plain.attname, attribute.attname)
        and not statistics.inherited
    left join pg_catalog.pg_opclass as class
        on attribute.attnum <= large.indnkeyatts
        and class.oid = large.indclass [attribute.attnum - 1]
    left join pg_catalog.pg_amproc as equal_image
        on equal_image.amprocfamily = class.opcfamily
        and equal_image.amproclefttype = class.opcintype
        and equal_image.amprocrighttype = class.opcintype
        and equal_image.amprocnum = 4
    left join pg_catalog.pg_collation as collation_used
        on attribute.attnum <= large.indnkeyatts
        and collation_used.oid = large.indcollation [attribute.attnum - 1]
    group by large.oid
),

rebuilt as (
    select progress.index_relid as oid
    from pg_catalog.pg_stat_progress_create_index as progress
    where progress.datname = pg_catalog.current_database()
    union
    -- A rebuild beside its use reports the new index, and locks the old one like this.
    select lock.relation
    from pg_catalog.pg_stat_progress_create_index as progress
    inner join pg_catalog.pg_locks as lock
        on lock.pid = progress.pid
    where progress.datname = pg_catalog.current_database()
    and progress.command like 'REINDEX%%'
    and lock.locktype = 'relation'
    and lock.mode in ('ShareUpdateExclusiveLock', 'AccessExclusiveLock')
    union
    select index.indexrelid
    from pg_catalog.pg_stat_progress_cluster as progress
    inner join pg_catalog.pg_index as index
        on index.indrelid = progress.relid
    where progress.datname = pg_catalog.current_database()
)

select
    large.oid::int8 as oid,
    pg_catalog.format('%I.%I', namespace.nspname, large.relname) as name,
    pg_catalog.current_setting('block_size')::int as page,
    large.relpages::int8 * pg_catalog.current_setting('block_size')::int8 as bytes,
    case
        when large.indpred is null
        and coalesce(
            pg_catalog.pg_stat_get_last_vacuum_time(large.indrelid),
            pg_catalog.pg_stat_get_last_autovacuum_time(large.indrelid),
            pg_catalog.pg_stat_get_last_analyze_time(large.indrelid),
            pg_catalog.pg_stat_get_last_autoanalyze_time(large.indrelid)
        ) is not null
        then pg_catalog.pg_stat_get_live_tuples(large.indrelid)
        else greatest(large.reltuples, 0)
    end::float8 as row_count,
    coalesce(
        pg_catalog.substring(pg_catalog.array_to_string(large.reloptions, ','), '(?:^|,)fillfactor=(\d+)')::int,
        90
    ) as fill,
    large.indisunique as is_unique,
    shaped.is_equal_image
    and not large.indisunique
    and not coalesce(pg_catalog.array_to_string(large.reloptions, ',') ~* 'deduplicate_items=(off|false|0|no)', false)
        as deduplicates,
    shaped.columns,
    shaped.unseen::int as unseen,
    large.oid in (select rebuilt.oid from rebuilt where rebuilt.oid is not null) as rebuilding,
    pg_catalog.date_part(
        'epoch',
        pg_catalog.clock_timestamp() - greatest(
            pg_catalog.pg_stat_get_last_analyze_time(large.indrelid),
            pg_catalog.pg_stat_get_last_autoanalyze_time(large.indrelid)
        )
    )::float8 / 86400 as widths_days
from large
inner join shaped
    on shaped.oid = large.oid
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = large.relnamespace
where namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
order by
    bytes desc,
    name
