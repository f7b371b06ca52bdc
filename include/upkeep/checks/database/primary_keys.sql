-- Tables whose rows nothing tells apart, and published tables whose updates and deletes fail for want of a replica identity.
-- Caveat: rows and sizes are of the last vacuum or analyze. A partitioned table is the sum of its partitions.
with published as materialized (
    select
        class.oid,
        pg_catalog.string_agg(distinct publication.pubname::text, ', ') as publications
    from pg_catalog.pg_publication as publication
    inner join pg_catalog.pg_publication_tables as listed
        on listed.pubname = publication.pubname
    inner join pg_catalog.pg_namespace as namespace
        on namespace.nspname = listed.schemaname
    inner join pg_catalog.pg_class as class
        on class.relnamespace = namespace.oid
        and class.relname = listed.tablename
    where publication.pubupdate
    or publication.pubdelete
    group by class.oid
),

unique_index as (
    select
        index.indrelid,
        pg_catalog.bool_or(index.indisprimary) as is_key,
        pg_catalog.bool_or(index.indisprimary and index.indimmediate) as is_identity,
        pg_catalog.bool_or(index.indisreplident) as is_chosen,
        pg_catalog.min(class.relname::text) filter (where index.indimmediate and not index.indisprimary) as usable
    from pg_catalog.pg_index as index
    inner join pg_catalog.pg_class as class
        on class.oid = index.indexrelid
    where index.indisunique
    and index.indisvalid
    and index.indpred is null
    and index.indexprs is null
    and not exists (
        select
        from pg_catalog.pg_attribute as attribute
        where attribute.attrelid = index.indrelid
        and attribute.attnum = any((index.indkey::int2 []) [0:index.indnkeyatts - 1])
        and not attribute.attnotnull
    )
    group by index.indrelid
),

leaf as (
    select
        class.oid,
        case when class.relispartition then pg_catalog.pg_partition_root(class.oid)::oid else class.oid end as root,
        pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
        greatest(class.reltuples, pg_catalog.pg_stat_get_live_tuples(class.oid), 0)::int8 as row_count,
        coalesce(unique_index.is_key, false) or unique_index.usable is not null as has_key,
        case class.relreplident
            when 'd' then coalesce(unique_index.is_identity, false)
            when 'i' then coalesce(unique_index.is_chosen, false)
            else class.relreplident = 'f'
        end as has_identity,
        case
            when unique_index.is_identity then 'default'
            when unique_index.usable is not null then pg_catalog.format('using index %I', unique_index.usable)
            else 'full'
        end as identity
    from pg_catalog.pg_class as class
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = class.relnamespace
    left join unique_index
        on unique_index.indrelid = class.oid
    where class.relkind = 'r'
    and class.relpersistence = 'p'
    and namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and not exists (
        select
        from pg_catalog.pg_depend as member
        where member.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and member.objid = class.oid
        and member.deptype = 'e'
    )
),

lacking as (
    select *
    from leaf
    where not leaf.has_key
    or not leaf.has_identity
),

lineage as (
    select
        lacking.oid,
        lacking.oid as ancestor
    from lacking
    union
    select
        lacking.oid,
        above.relid::oid
    from lacking
    cross join lateral pg_catalog.pg_partition_ancestors(lacking.oid) as above (relid)
),

published_by as (
    select
        lineage.oid,
        pg_catalog.min(published.publications) as publications
    from lineage
    inner join published
        on published.oid = lineage.ancestor
    group by lineage.oid
),

judged as (
    select
        lacking.*,
        published_by.publications
    from lacking
    left join published_by
        on published_by.oid = lacking.oid
)

select
    pg_catalog.format('%I.%I', namespace.nspname, root.relname) as name,
    root.relkind = 'p' as partitioned,
    coalesce(sum(judged.row_count) filter (where not judged.has_key), 0)::int8 as rows_without_key,
    count(*) filter (where not judged.has_identity and judged.publications is not null)::int8 as tables_without_identity,
    coalesce(pg_catalog.min(judged.publications) filter (where not judged.has_identity), '') as publications,
    coalesce(
        pg_catalog.string_agg(
            pg_catalog.format('alter table %s replica identity %s;', judged.name, judged.identity),
            e'\n' order by judged.name
        ) filter (where not judged.has_identity and judged.publications is not null),
        ''
    ) as identify
from judged
inner join pg_catalog.pg_class as root
    on root.oid = judged.root
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = root.relnamespace
group by
    namespace.nspname,
    root.relname,
    root.relkind
having pg_catalog.bool_or(not judged.has_key)
or count(*) filter (where not judged.has_identity and judged.publications is not null) > 0
order by name
