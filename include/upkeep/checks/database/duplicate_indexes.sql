-- Pairs of indexes of which one does all that the other does: same keys (duplicate), or a longer one that begins with them (overlap).
-- Caveat: same means same method, columns, order, operator classes, collations, expressions and predicate; fill factor is not compared.
-- Caveat: sizes are of the last vacuum or analyze. An index of a partitioned table stands for those of its partitions.
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

measured as (
    select
        member.root,
        sum(greatest(class.relpages, 0)) * pg_catalog.current_setting('block_size')::int8 as bytes,
        sum(pg_catalog.pg_stat_get_numscans(member.index)) as scans
    from member
    inner join pg_catalog.pg_class as class
        on class.oid = member.index
    group by member.root
),

keyed as (
    select
        index.indexrelid,
        pg_catalog.array_agg(
            pg_catalog.concat_ws('/', part.attnum, part.opclass, part.collation_oid, part.option) order by part.position
        ) filter (where part.position <= index.indnkeyatts) as keys,
        pg_catalog.array_agg(part.attnum) as columns,
        coalesce(
            pg_catalog.array_agg(part.attnum) filter (where part.position > index.indnkeyatts),
            '{}'
        ) as included
    from pg_catalog.pg_index as index
    cross join lateral rows from (
        pg_catalog.unnest(index.indkey::int2 []),
        pg_catalog.unnest(index.indclass::oid []),
        pg_catalog.unnest(index.indcollation::oid []),
        pg_catalog.unnest(index.indoption::int2 [])
    ) with ordinality as part (attnum, opclass, collation_oid, option, position)
    where index.indisvalid
    and not index.indisexclusion
    group by index.indexrelid
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

candidate as (
    select
        index.indexrelid,
        index.indrelid,
        index.indisunique,
        index.indisprimary,
        index.indisreplident,
        index.indimmediate,
        namespace.nspname,
        class.relname,
        class.relam,
        class.relkind,
        keyed.keys,
        keyed.columns,
        keyed.included,
        coalesce(pg_catalog.regexp_replace(index.indexprs::text, ':location -?\d+', '', 'g'), '') as expressions,
        coalesce(pg_catalog.regexp_replace(index.indpred::text, ':location -?\d+', '', 'g'), '') as predicate,
        owned.conname,
        exists (
            select
            from pg_catalog.pg_constraint as referring
            where referring.contype = 'f'
            and referring.conindid = index.indexrelid
        ) as is_referenced,
        measured.bytes,
        measured.scans
    from pg_catalog.pg_index as index
    inner join keyed
        on keyed.indexrelid = index.indexrelid
    inner join measured
        on measured.root = index.indexrelid
    inner join pg_catalog.pg_class as class
        on class.oid = index.indexrelid
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = class.relnamespace
    left join owned
        on owned.conindid = index.indexrelid
    where namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and class.relpersistence <> 't'
),

ranked as (
    select
        *,
        pg_catalog.row_number() over (
            order by indisprimary, indisreplident, is_referenced, conname is not null, indisunique, scans, indexrelid desc
        ) as worth
    from candidate
),

pair as (
    select
        spare.indexrelid as spare,
        kept.indexrelid as kept,
        spare.worth as spare_worth,
        kept.worth as kept_worth,
        spare.keys = kept.keys as is_duplicate,
        count(*) over (
            partition by
                least(spare.indexrelid, kept.indexrelid),
                greatest(spare.indexrelid, kept.indexrelid)
        ) = 2 as is_mutual
    from ranked as spare
    inner join ranked as kept
        on kept.indrelid = spare.indrelid
        and kept.relam = spare.relam
        and kept.predicate = spare.predicate
        and kept.indexrelid <> spare.indexrelid
    inner join pg_catalog.pg_am as method
        on method.oid = spare.relam
    where (
        spare.keys = kept.keys
        and spare.expressions = kept.expressions
        and spare.included <@ kept.included
        and (not spare.indisunique or (kept.indisunique and (kept.indimmediate or not spare.indimmediate)))
    )
    or (
        method.amname = 'btree'
        and not spare.indisunique
        and spare.expressions = ''
        and pg_catalog.cardinality(kept.keys) > pg_catalog.cardinality(spare.keys)
        and kept.keys [1:pg_catalog.cardinality(spare.keys)] = spare.keys
        and spare.included <@ kept.columns
    )
)

select distinct on (spare.nspname, spare.relname)
    pg_catalog.format('%I.%I', spare.nspname, spare.relname) as name,
    pg_catalog.format('%I.%I', kept.nspname, kept.relname) as kept,
    pg_catalog.format('%I.%I', spare.nspname, indexed.relname) as table_name,
    pair.is_duplicate,
    spare.relkind = 'I' as partitioned,
    pg_catalog.quote_ident(spare.conname) as constraint_name,
    spare.bytes::int8 as bytes,
    kept.bytes::int8 as kept_bytes,
    spare.scans::int8 as scans
from pair
inner join ranked as spare
    on spare.indexrelid = pair.spare
inner join ranked as kept
    on kept.indexrelid = pair.kept
inner join pg_catalog.pg_class as indexed
    on indexed.oid = spare.indrelid
where not spare.indisprimary
and not spare.indisreplident
and not spare.is_referenced
and (not pair.is_mutual or pair.spare_worth < pair.kept_worth)
-- Versions before 15 have no such column; the row as JSON tells without naming it.
and (
    not spare.indisunique
    or (
        select count(distinct pg_catalog.to_jsonb(index) ->> 'indnullsnotdistinct')
        from pg_catalog.pg_index as index
        where index.indexrelid in (spare.indexrelid, kept.indexrelid)
    ) <= 1
)
order by
    spare.nspname,
    spare.relname,
    pg_catalog.cardinality(kept.keys) desc,
    pg_catalog.cardinality(kept.included) desc,
    kept.worth desc
