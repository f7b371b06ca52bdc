-- Foreign keys whose columns are not the first columns of a usable index, with the size of both tables and what happens to them.
-- Caveat: rows and sizes are of the last vacuum or analyze, changes are counted since the last reset of statistics on this node.
-- Caveat: a partial index counts when it only leaves out nulls of the key. A partitioned table is the sum of its partitions.
with recursive member as (
    select
        class.oid as root,
        class.oid as part
    from pg_catalog.pg_class as class
    where class.relkind in ('r', 'p')
    union all
    select
        member.root,
        inherits.inhrelid
    from member
    inner join pg_catalog.pg_inherits as inherits
        on inherits.inhparent = member.part
    inner join pg_catalog.pg_class as class
        on class.oid = inherits.inhrelid
        and class.relispartition
),

measured as (
    select
        member.root,
        sum(greatest(class.relpages, 0))::int8 * pg_catalog.current_setting('block_size')::int8 as bytes,
        sum(
            case when class.relkind = 'p' then 0 else greatest(class.reltuples, pg_catalog.pg_stat_get_live_tuples(member.part), 0) end
        )::int8 as row_count,
        sum(pg_catalog.pg_stat_get_tuples_deleted(member.part))::int8 as deletes,
        sum(pg_catalog.pg_stat_get_tuples_updated(member.part))::int8 as updates
    from member
    inner join pg_catalog.pg_class as class
        on class.oid = member.part
    group by member.root
),

foreign_key as (
    select
        key.oid,
        key.conname,
        key.conrelid,
        key.confrelid,
        key.conkey,
        (
            select pg_catalog.array_agg(attnum order by attnum)
            from pg_catalog.unnest(key.conkey) as attnum
        ) as sorted
    from pg_catalog.pg_constraint as key
    where key.contype = 'f'
    and key.conparentid = 0
),

served as (
    select foreign_key.oid
    from foreign_key
    inner join pg_catalog.pg_index as index
        on index.indrelid = foreign_key.conrelid
    inner join pg_catalog.pg_class as class
        on class.oid = index.indexrelid
    inner join pg_catalog.pg_am as method
        on method.oid = class.relam
    where index.indisvalid
    and (method.amname = 'btree' or (method.amname = 'hash' and index.indnkeyatts = 1))
    and index.indnkeyatts >= pg_catalog.cardinality(foreign_key.conkey)
    and foreign_key.sorted = (
        select pg_catalog.array_agg(part.attnum order by part.attnum)
        from pg_catalog.unnest(index.indkey::int2 []) with ordinality as part (attnum, position)
        where part.position <= pg_catalog.cardinality(foreign_key.conkey)
    )
    and (
        index.indpred is null
        or pg_catalog.substring(
            index.indpred::text,
            '^\{NULLTEST :arg \{VAR [^{}]*:varattno (\d+) [^{}]*\} :nulltesttype 1 [^{}]*\}$'
        )::int2 = any(foreign_key.conkey)
    )
)

select
    pg_catalog.format('%I.%I', namespace.nspname, referring.relname) as table_name,
    pg_catalog.quote_ident(foreign_key.conname) as constraint_name,
    pg_catalog.format('%I.%I', referred_namespace.nspname, referred.relname) as referred_name,
    referring.relkind = 'p' as partitioned,
    (
        select pg_catalog.string_agg(pg_catalog.quote_ident(attribute.attname), ', ' order by key.position)
        from pg_catalog.unnest(foreign_key.conkey) with ordinality as key (attnum, position)
        inner join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = foreign_key.conrelid
            and attribute.attnum = key.attnum
    ) as columns,
    size.bytes,
    size.row_count,
    referred_size.deletes,
    referred_size.updates
from foreign_key
left join served
    on served.oid = foreign_key.oid
inner join measured as size
    on size.root = foreign_key.conrelid
inner join measured as referred_size
    on referred_size.root = foreign_key.confrelid
inner join pg_catalog.pg_class as referring
    on referring.oid = foreign_key.conrelid
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = referring.relnamespace
inner join pg_catalog.pg_class as referred
    on referred.oid = foreign_key.confrelid
inner join pg_catalog.pg_namespace as referred_namespace
    on referred_namespace.oid = referred.relnamespace
where served.oid is null
and referring.relpersistence <> 't'
order by
    table_name,
    constraint_name
