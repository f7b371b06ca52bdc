-- How often and when each index of this database that enforces nothing was read, its size, and what its table's writes are.
-- Before version 16 the server counts reads and does not date them.
-- Caveat: counters of this node since their last reset. An index of a partitioned table is the sum over its partitions.
-- Caveat: sizes are of the last vacuum or analyze. When an index was made is known only with track_commit_timestamp.
with recursive member as (
    select
        class.oid as root,
        class.oid as index
    from pg_catalog.pg_class as class
    where class.relkind = 'I'
    and not class.relispartition
    union all
    select
        member.root,
        inherits.inhrelid
    from member
    inner join pg_catalog.pg_inherits as inherits
        on inherits.inhparent = member.index
),

partitioned as (
    select
        member.root,
        sum(greatest(class.relpages, 0)) as pages,
        sum(pg_catalog.pg_stat_get_numscans(member.index)) as scans,
        null::timestamptz as last_read
    from member
    inner join pg_catalog.pg_class as class
        on class.oid = member.index
    group by member.root
),

serving as (
    select
        index.indexrelid,
        min(key.conname::text) as key
    from pg_catalog.pg_constraint as key
    inner join pg_catalog.pg_index as index
        on index.indrelid = key.conrelid
        and (index.indkey::int2 []) [0:pg_catalog.cardinality(key.conkey) - 1] @> key.conkey
    where key.contype = 'f'
    group by index.indexrelid
),

-- Only those that enforce nothing are counted, and each once, since there may be a hundred thousand.
counted as materialized (
    select
        class.relname,
        class.relnamespace,
        class.relkind,
        class.xmin,
        index.indrelid,
        index.indexprs is not null as has_expression,
        serving.key as serves_key,
        coalesce(partitioned.pages, greatest(class.relpages, 0)) as pages,
        coalesce(partitioned.scans, pg_catalog.pg_stat_get_numscans(class.oid)) as scans,
        coalesce(partitioned.last_read, null::timestamptz) as last_read
    from pg_catalog.pg_index as index
    inner join pg_catalog.pg_class as class
        on class.oid = index.indexrelid
    left join partitioned
        on partitioned.root = class.oid
    left join serving
        on serving.indexrelid = class.oid
    where not index.indisunique
    and not index.indisexclusion
    and not index.indisreplident
    and index.indisvalid
    and not class.relispartition
    and class.relpersistence <> 't'
    and not exists (
        select
        from pg_catalog.pg_constraint as backed
        where backed.conindid = index.indexrelid
    )
)

select
    pg_catalog.format('%I.%I', namespace.nspname, counted.relname) as name,
    pg_catalog.format('%I.%I', namespace.nspname, indexed.relname) as table_name,
    counted.relkind = 'I' as partitioned,
    counted.has_expression,
    counted.serves_key,
    (counted.pages * pg_catalog.current_setting('block_size')::int8)::int8 as bytes,
    counted.scans::int8 as scans,
    counted.last_read,
    case
        when counted.scans = 0
        and pg_catalog.current_setting('track_commit_timestamp') = 'on'
        and not pg_catalog.pg_is_in_recovery()
        then pg_catalog.pg_xact_commit_timestamp(counted.xmin)
    end as made,
    pg_catalog.pg_stat_get_tuples_inserted(counted.indrelid)
    + pg_catalog.pg_stat_get_tuples_updated(counted.indrelid)
    - pg_catalog.pg_stat_get_tuples_hot_updated(counted.indrelid) as writes
from counted
inner join pg_catalog.pg_class as indexed
    on indexed.oid = counted.indrelid
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = counted.relnamespace
where namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
order by
    bytes desc,
    name
