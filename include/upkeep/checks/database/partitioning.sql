-- Partitioned tables with their partitions (bounds, sizes, rows, detaching), and large plain tables that rows are deleted from.
-- Caveat: sizes are of the last vacuum or analyze, rows are estimates. Bounds are numbers only for one key column of a time or
-- number type: seconds since 1970, or the number itself.
-- No function that opens a table is used, since it would wait for whoever has it locked.
with recursive below as (
    select
        inherits.inhrelid as top,
        inherits.inhrelid as oid
    from pg_catalog.pg_inherits as inherits
    inner join pg_catalog.pg_class as parent
        on parent.oid = inherits.inhparent
        and parent.relkind = 'p'
    union all
    select
        below.top,
        inherits.inhrelid
    from below
    inner join pg_catalog.pg_inherits as inherits
        on inherits.inhparent = below.oid
),

held as (
    select
        below.top,
        sum(greatest(class.relpages, 0)::int8 * pg_catalog.current_setting('block_size')::int8)::int8 as bytes,
        sum(greatest(pg_catalog.pg_stat_get_live_tuples(class.oid), class.reltuples, 0))::int8 as rows,
        sum(pg_catalog.pg_stat_get_tuples_inserted(class.oid))::int8 as inserted
    from below
    inner join pg_catalog.pg_class as class
        on class.oid = below.oid
        and class.relkind = 'r'
    group by below.top
),

part as (
    select
        inherits.inhparent,
        pg_catalog.format('%I.%I', namespace.nspname, child.relname) as name,
        pg_catalog.pg_get_expr(child.relpartbound, 0) as bound,
        coalesce((pg_catalog.to_jsonb(inherits) ->> 'inhdetachpending')::bool, false) as pending,
        coalesce(held.bytes, 0) as bytes,
        coalesce(held.rows, 0) as rows,
        coalesce(held.inserted, 0) as inserted
    from pg_catalog.pg_inherits as inherits
    inner join pg_catalog.pg_class as parent
        on parent.oid = inherits.inhparent
        and parent.relkind = 'p'
    inner join pg_catalog.pg_class as child
        on child.oid = inherits.inhrelid
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = child.relnamespace
    left join held
        on held.top = child.oid
),

keyed as (
    select
        parent.oid,
        pg_catalog.format('%I.%I', namespace.nspname, parent.relname) as name,
        partitioned.partstrat::text as strategy,
        case
            when partitioned.partnatts = 1 and key_type.typcategory = 'D' and key_type.typname like any (array['date', 'timestamp%']) then 'time'
            when partitioned.partnatts = 1 and key_type.typname in ('int2', 'int4', 'int8', 'numeric') then 'number'
            else 'other'
        end as key
    from pg_catalog.pg_partitioned_table as partitioned
    inner join pg_catalog.pg_class as parent
        on parent.oid = partitioned.partrelid
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = parent.relnamespace
    left join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = parent.oid
        and attribute.attnum = partitioned.partattrs[0]
    left join pg_catalog.pg_type as key_type
        on key_type.oid = attribute.atttypid
    where parent.relpersistence <> 't'
)

select
    keyed.name,
    keyed.strategy,
    keyed.key,
    pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) as now,
    0::int8 as bytes,
    0::int8 as rows,
    0::int8 as deleted,
    0::int8 as inserted,
    ''::text as time_column,
    coalesce(
        (
            select
                pg_catalog.json_agg(
                    pg_catalog.json_build_object(
                        'name', part.name, 'default', part.bound = 'DEFAULT', 'pending', part.pending,
                        'bytes', part.bytes, 'rows', part.rows, 'inserted', part.inserted, 'low', ends.low, 'high', ends.high
                    )
                    order by part.name
                )
            from part
            cross join lateral (
                select pg_catalog.regexp_match(part.bound, '^FOR VALUES FROM \((.*)\) TO \((.*)\)$') as found
            ) as bound
            cross join lateral (
                select
                    case
                        when keyed.strategy <> 'r' or bound.found[1] = 'MINVALUE' then null
                        when keyed.key = 'time' and pg_catalog.strpos(bound.found[1], 'infinity') = 0
                            then pg_catalog.date_part('epoch', pg_catalog.btrim(bound.found[1], '''')::timestamptz)
                        when keyed.key = 'number' and bound.found[1] ~ '\d' then pg_catalog.btrim(bound.found[1], '''')::float8
                    end as low,
                    case
                        when keyed.strategy <> 'r' or bound.found[2] = 'MAXVALUE' then null
                        when keyed.key = 'time' and pg_catalog.strpos(bound.found[2], 'infinity') = 0
                            then pg_catalog.date_part('epoch', pg_catalog.btrim(bound.found[2], '''')::timestamptz)
                        when keyed.key = 'number' and bound.found[2] ~ '\d' then pg_catalog.btrim(bound.found[2], '''')::float8
                    end as high
            ) as ends
            where part.inhparent = keyed.oid
        ),
        '[]'
    ) as parts
from keyed
union all
select
    pg_catalog.format('%I.%I', live.schemaname, live.relname),
    '',
    'none',
    pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()),
    class.relpages::int8 * pg_catalog.current_setting('block_size')::int8,
    live.n_live_tup,
    live.n_tup_del,
    live.n_tup_ins,
    coalesce(
        (
            select min(attribute.attname::text)
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = live.relid
            and attribute.attnum > 0
            and not attribute.attisdropped
            and attribute.atttypid in ('date'::pg_catalog.regtype, 'timestamp'::pg_catalog.regtype, 'timestamptz'::pg_catalog.regtype)
        ),
        ''
    ),
    '[]'
from pg_catalog.pg_stat_user_tables as live
inner join pg_catalog.pg_class as class
    on class.oid = live.relid
    and class.relkind = 'r'
    and not class.relispartition
    and class.relpages > 0
order by
    name,
    strategy
