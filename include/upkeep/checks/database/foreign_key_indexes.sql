-- Foreign keys whose columns are not the first columns of a usable index, with the size of both tables and what happens to them.
-- Caveat: rows and sizes are of the last vacuum or analyze, changes are counted since the last reset of statistics on this node.
-- Caveat: a partial index counts when it only leaves out nulls of the key. A partitioned table is the sum of those of its partitions that
-- have no index, whether that would be their own or their part of the table's. Keys that are not enforced (18 and later) look nothing up,
-- and an index that is being built concurrently counts.
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

tree as (
    select
        key.oid as root,
        key.oid
    from pg_catalog.pg_constraint as key
    where key.contype = 'f'
    and key.conparentid = 0
    and coalesce((pg_catalog.to_jsonb(key) ->> 'conenforced')::bool, true)
    union all
    select
        tree.root,
        key.oid
    from tree
    inner join pg_catalog.pg_constraint as key
        on key.conparentid = tree.oid
        and key.contype = 'f'
),

-- One for each table that has rows: of several, which refer to partitions of one table, any.
foreign_key as (
    select distinct on (tree.root, key.conrelid)
        tree.root,
        key.oid,
        key.conrelid,
        key.confrelid,
        key.conkey,
        key.confkey,
        key.conpfeqop,
        coalesce((pg_catalog.to_jsonb(key) ->> 'conperiod')::bool, false) as of_periods
    from tree
    inner join pg_catalog.pg_constraint as key
        on key.oid = tree.oid
    inner join pg_catalog.pg_class as class
        on class.oid = key.conrelid
        and class.relkind = 'r'
    order by
        tree.root,
        key.conrelid,
        key.oid
),

built as (
    select progress.index_relid as oid
    from pg_catalog.pg_stat_progress_create_index as progress
    where progress.datname = pg_catalog.current_database()
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
    where (index.indisvalid or index.indexrelid in (select built.oid from built))
    and (
        method.amname = 'btree'
        or (method.amname = 'hash' and index.indnkeyatts = 1)
        or (method.amname = 'gist' and foreign_key.of_periods)
    )
    and index.indnkeyatts >= pg_catalog.cardinality(foreign_key.conkey)
    and index.indkey [0] = any(foreign_key.conkey)
    -- The server looks up each column by an operator, which the index must have, in a collation, which must be the index's.
    and pg_catalog.cardinality(foreign_key.conkey) = (
        select count(distinct key.own)
        from rows from (
            pg_catalog.unnest(foreign_key.conkey),
            pg_catalog.unnest(foreign_key.confkey),
            pg_catalog.unnest(foreign_key.conpfeqop)
        ) as key (own, referred, operator)
        inner join pg_catalog.generate_series(0, pg_catalog.cardinality(foreign_key.conkey) - 1) as position
            on index.indkey [position] = key.own
        inner join pg_catalog.pg_attribute as own
            on own.attrelid = foreign_key.conrelid
            and own.attnum = key.own
        inner join pg_catalog.pg_attribute as referred
            on referred.attrelid = foreign_key.confrelid
            and referred.attnum = key.referred
        left join pg_catalog.pg_collation as loose
            on loose.oid = referred.attcollation
            and not loose.collisdeterministic
        inner join pg_catalog.pg_opclass as class
            on class.oid = index.indclass [position]
        inner join pg_catalog.pg_amop as offered
            on offered.amopfamily = class.opcfamily
            and offered.amopopr = key.operator
            and offered.amoppurpose = 's'
        where index.indcollation [position] in (0, coalesce(loose.oid, own.attcollation))
    )
    and (
        index.indpred is null
        or pg_catalog.string_to_array(
            pg_catalog.substring(
                pg_catalog.regexp_replace(
                    index.indpred::text,
                    '\{NULLTEST :arg \{VAR [^{}]*:varattno (\d+) [^{}]*\} :nulltesttype 1 [^{}]*\}',
                    '\1',
                    'g'
                ),
                '^(?:\{BOOLEXPR :boolop and :args \()?(\d+(?: \d+)*)(?:\) [^{}]*\})?$'
            ),
            ' '
        )::int2 [] <@ foreign_key.conkey
    )
),

without as (
    select
        foreign_key.root,
        sum(size.bytes)::int8 as bytes,
        sum(size.row_count)::int8 as row_count
    from foreign_key
    left join served
        on served.oid = foreign_key.oid
    inner join measured as size
        on size.root = foreign_key.conrelid
    where served.oid is null
    group by foreign_key.root
)

select
    pg_catalog.format('%I.%I', namespace.nspname, referring.relname) as table_name,
    pg_catalog.quote_ident(key.conname) as constraint_name,
    pg_catalog.format('%I.%I', referred_namespace.nspname, referred.relname) as referred_name,
    referring.relkind = 'p' as partitioned,
    (
        select pg_catalog.string_agg(
            pg_catalog.quote_ident(attribute.attname)
            || case
                when loose.oid is not null and loose.oid <> attribute.attcollation
                then pg_catalog.format(' collate %I.%I', loose_namespace.nspname, loose.collname)
                else ''
            end,
            ', '
            order by part.position
        )
        from rows from (pg_catalog.unnest(key.conkey), pg_catalog.unnest(key.confkey))
            with ordinality as part (own, referred, position)
        inner join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = key.conrelid
            and attribute.attnum = part.own
        inner join pg_catalog.pg_attribute as referred_attribute
            on referred_attribute.attrelid = key.confrelid
            and referred_attribute.attnum = part.referred
        left join pg_catalog.pg_collation as loose
            on loose.oid = referred_attribute.attcollation
            and not loose.collisdeterministic
        left join pg_catalog.pg_namespace as loose_namespace
            on loose_namespace.oid = loose.collnamespace
    ) as columns,
    coalesce((pg_catalog.to_jsonb(key) ->> 'conperiod')::bool, false) as of_periods,
    without.bytes,
    without.row_count,
    referred_size.deletes,
    referred_size.updates
from without
inner join pg_catalog.pg_constraint as key
    on key.oid = without.root
inner join measured as referred_size
    on referred_size.root = key.confrelid
inner join pg_catalog.pg_class as referring
    on referring.oid = key.conrelid
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = referring.relnamespace
inner join pg_catalog.pg_class as referred
    on referred.oid = key.confrelid
inner join pg_catalog.pg_namespace as referred_namespace
    on referred_namespace.oid = referred.relnamespace
where referring.relpersistence <> 't'
order by
    table_name,
    constraint_name
