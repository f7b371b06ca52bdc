-- How often and when each index of this database that enforces nothing was read, its size, and what its table's writes are.
-- Before version 16 the server counts reads and does not date them.
-- Caveat: counters of this node since their last reset. An index of a partitioned table is the sum over its partitions.
-- Caveat: sizes are of the last vacuum or analyze. When an index was made is known only with track_commit_timestamp.
with recursive member as (
    select
        class.oid as root,
        class.oid as index
    from pg_catalog.pg_class as class
    where class.relkind in ('i', 'I')
    and not class.relispartition
    union all
    select
        member.root,
        inherits.inhrelid
    from member
    inner join pg_catalog.pg_inherits as inherits
        on inherits.inhparent = member.index
),

reads as (
    select
        member.root,
        sum(greatest(class.relpages, 0))::int8 as pages,
        sum(pg_catalog.pg_stat_get_numscans(member.index))::int8 as scans,
        null::timestamptz as last_read
    from member
    inner join pg_catalog.pg_class as class
        on class.oid = member.index
    group by member.root
)

select
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
    pg_catalog.format('%I.%I', namespace.nspname, indexed.relname) as table_name,
    class.relkind = 'I' as partitioned,
    index.indexprs is not null as has_expression,
    reads.pages * pg_catalog.current_setting('block_size')::int8 as bytes,
    reads.scans,
    reads.last_read,
    case
        when reads.scans = 0
        and pg_catalog.current_setting('track_commit_timestamp') = 'on'
        and not pg_catalog.pg_is_in_recovery()
        then pg_catalog.pg_xact_commit_timestamp(class.xmin)
    end as made,
    pg_catalog.pg_stat_get_tuples_inserted(index.indrelid)
    + pg_catalog.pg_stat_get_tuples_updated(index.indrelid)
    - pg_catalog.pg_stat_get_tuples_hot_updated(index.indrelid) as writes
from reads
inner join pg_catalog.pg_class as class
    on class.oid = reads.root
inner join pg_catalog.pg_index as index
    on index.indexrelid = class.oid
inner join pg_catalog.pg_class as indexed
    on indexed.oid = index.indrelid
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
left join pg_catalog.pg_constraint as backed
    on backed.conindid = index.indexrelid
where not index.indisunique
and not index.indisexclusion
and not index.indisreplident
and index.indisvalid
and backed.oid is null
and class.relpersistence <> 't'
and namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
order by
    bytes desc,
    name
