-- Pairs of indexes of which one does all that the other does: same keys (duplicate), or a longer one that begins with them (overlap).
-- Caveat: same means same method, columns, order, operator classes, collations, expressions, predicate, parameters of operator
-- classes, and those of BRIN and bloom; fill factor is not compared.
-- Caveat: sizes are of the last vacuum or analyze. An index of a partitioned table stands for those of its partitions, and one that
-- a partition has by itself can be spare beside its part of that.
with recursive member as (
    select
        class.oid as root,
        class.oid as index
    from pg_catalog.pg_class as class
    where class.relkind = 'I'
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
        sum(pg_catalog.pg_stat_get_numscans(member.index)) as scans
    from member
    inner join pg_catalog.pg_class as class
        on class.oid = member.index
    group by member.root
),

owned as (
    select distinct on (conindid)
        conindid,
        conname
    from pg_catalog.pg_constraint
    where contype in ('p', 'u')
    order by
        conindid,
        conname
),

referred as (
    select distinct conindid
    from pg_catalog.pg_constraint
    where contype = 'f'
),

-- All that is told of an index stands here, where the number of rows is known: a later join would be planned for one row.
candidate as materialized (
    select
        index.indexrelid,
        index.indrelid,
        index.indisunique,
        index.indisprimary,
        index.indisreplident,
        index.indimmediate,
        index.indnkeyatts as keys,
        index.indkey::int2 [] as columns,
        index.indclass::oid [] as classes,
        index.indcollation::oid [] as collations,
        index.indoption::int2 [] as options,
        class.relname,
        class.relam,
        class.relkind,
        class.relispartition,
        namespace.nspname,
        owned.conname,
        referred.conindid is not null as is_referenced,
        coalesce(partitioned.pages, greatest(class.relpages, 0)) as pages,
        partitioned.scans,
        coalesce(pg_catalog.regexp_replace(index.indexprs::text, ':location -?\d+', '', 'g'), '') as expressions,
        coalesce(pg_catalog.regexp_replace(index.indpred::text, ':location -?\d+', '', 'g'), '') as predicate
    from pg_catalog.pg_index as index
    inner join pg_catalog.pg_class as class
        on class.oid = index.indexrelid
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = class.relnamespace
    left join owned
        on owned.conindid = index.indexrelid
    left join referred
        on referred.conindid = index.indexrelid
    left join partitioned
        on partitioned.root = index.indexrelid
    where index.indisvalid
    and not index.indisexclusion
    and class.relpersistence <> 't'
    and namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
),

pair as (
    select
        spare.nspname,
        spare.relname,
        spare.indrelid,
        spare.indexrelid as spare,
        kept.indexrelid as kept,
        kept.relname as kept_name,
        spare.relkind,
        spare.conname,
        spare.pages,
        kept.pages as kept_pages,
        spare.indisunique,
        kept.keys,
        kept.columns,
        spare.keys = kept.keys as is_duplicate,
        coalesce(spare.scans, pg_catalog.pg_stat_get_numscans(spare.indexrelid)) as scans,
        spare.keys = kept.keys
        and kept.columns [kept.keys:] <@ spare.columns [spare.keys:]
        and (not kept.indisunique or (spare.indisunique and (spare.indimmediate or not kept.indimmediate))) as is_mutual,
        -- What each would be a loss of, worst first; between equals the one that is read more stays, then the older one.
        array[false, false, false, spare.conname is not null, spare.indisunique] as spare_worth,
        array[
            kept.relispartition or kept.indisprimary,
            kept.indisreplident,
            kept.is_referenced,
            kept.conname is not null,
            kept.indisunique
        ] as kept_worth,
        coalesce(kept.scans, pg_catalog.pg_stat_get_numscans(kept.indexrelid)) as kept_scans
    from candidate as spare
    inner join candidate as kept
        on kept.indrelid = spare.indrelid
        and kept.columns [0] = spare.columns [0]
        and kept.classes [0] = spare.classes [0]
    where kept.indexrelid <> spare.indexrelid
    and kept.relam = spare.relam
    and kept.keys >= spare.keys
    and kept.predicate = spare.predicate
    and not spare.indisprimary
    and not spare.indisreplident
    and not spare.is_referenced
    and not spare.relispartition
    and kept.columns [0:spare.keys - 1] = spare.columns [0:spare.keys - 1]
    and kept.classes [0:spare.keys - 1] = spare.classes [0:spare.keys - 1]
    and kept.collations [0:spare.keys - 1] = spare.collations [0:spare.keys - 1]
    and kept.options [0:spare.keys - 1] = spare.options [0:spare.keys - 1]
    and case
        when kept.keys = spare.keys
        then spare.expressions = kept.expressions
            and spare.columns [spare.keys:] <@ kept.columns [kept.keys:]
            and (not spare.indisunique or (kept.indisunique and (kept.indimmediate or not spare.indimmediate)))
        else not spare.indisunique
            and spare.expressions = ''
            and spare.columns [spare.keys:] <@ kept.columns
            and spare.relam in (select method.oid from pg_catalog.pg_am as method where method.amname = 'btree')
    end
)

select distinct on (pair.nspname, pair.relname)
    pg_catalog.format('%I.%I', pair.nspname, pair.relname) as name,
    pg_catalog.format('%I.%I', pair.nspname, pair.kept_name) as kept,
    pg_catalog.format('%I.%I', pair.nspname, indexed.relname) as table_name,
    pair.is_duplicate,
    pair.relkind = 'I' as partitioned,
    pg_catalog.quote_ident(pair.conname) as constraint_name,
    (pair.pages * pg_catalog.current_setting('block_size')::int8)::int8 as bytes,
    (pair.kept_pages * pg_catalog.current_setting('block_size')::int8)::int8 as kept_bytes,
    pair.scans::int8 as scans
from pair
inner join pg_catalog.pg_class as indexed
    on indexed.oid = pair.indrelid
where (
    not pair.is_mutual
    or pair.kept_worth > pair.spare_worth
    or (
        pair.kept_worth = pair.spare_worth
        and (pair.kept_scans > pair.scans or (pair.kept_scans = pair.scans and pair.kept < pair.spare))
    )
)
-- Versions before 15 have no such column; the row as JSON tells without naming it.
and case
    when pair.indisunique
    then (
        select count(distinct pg_catalog.to_jsonb(index) ->> 'indnullsnotdistinct')
        from pg_catalog.pg_index as index
        where index.indexrelid in (pair.spare, pair.kept)
    ) <= 1
    else true
end
and not exists (
    select
    from pg_catalog.pg_attribute as one
    inner join pg_catalog.pg_attribute as other
        on other.attrelid = pair.kept
        and other.attnum = one.attnum
    where one.attrelid = pair.spare
    and one.attoptions is distinct from other.attoptions
)
and (
    select count(distinct coalesce(pg_catalog.array_to_string(class.reloptions, ','), ''))
    from pg_catalog.pg_class as class
    inner join pg_catalog.pg_am as method
        on method.oid = class.relam
    where class.oid in (pair.spare, pair.kept)
    and method.amname in ('brin', 'bloom')
) <= 1
order by
    pair.nspname,
    pair.relname,
    pair.keys desc,
    pg_catalog.cardinality(pair.columns) desc,
    pair.kept_worth desc,
    pair.kept_scans desc,
    pair.kept
