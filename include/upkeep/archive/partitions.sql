-- The partitions of a table, at every level, and what decides whether one that is wholly old may be detached and dropped.
select
    class.oid::int8 as oid,
    namespace.nspname::text as schema,
    class.relname::text as name,
    parent.oid::int8 as parent_oid,
    parent_namespace.nspname::text as parent_schema,
    parent.relname::text as parent_name,
    part.isleaf as is_leaf,
    coalesce(pg_catalog.pg_get_expr(class.relpartbound, class.oid), '') as bound,
    pg_catalog.pg_has_role(class.relowner, 'usage') and pg_catalog.pg_has_role(parent.relowner, 'usage') as may_alter,
    exists (
        select
        from pg_catalog.pg_partitioned_table as partitioned
        where partitioned.partrelid = parent.oid
        and partitioned.partdefid <> 0
    ) as beside_default,
    exists (
        select
        from pg_catalog.pg_subscription_rel as subscribed
        where subscribed.srrelid in (class.oid, parent.oid)
    ) as is_subscribed,
    array(
        select publication.pubname::text
        from pg_catalog.pg_publication_rel as published
        inner join pg_catalog.pg_publication as publication
            on publication.oid = published.prpubid
        where published.prrelid = class.oid
        order by 1
    ) as published_in,
    array(
        select distinct pg_catalog.pg_describe_object(depends.classid, depends.objid, 0)
        from pg_catalog.pg_depend as depends
        where depends.deptype = 'n'
        and (
            (depends.refclassid = 'pg_catalog.pg_class'::regclass and depends.refobjid = class.oid)
            or (depends.refclassid = 'pg_catalog.pg_type'::regclass and depends.refobjid = class.reltype)
        )
        and (
            depends.classid = 'pg_catalog.pg_proc'::regclass
            or (depends.classid = 'pg_catalog.pg_class'::regclass and depends.objid <> class.oid)
            or exists (
                select
                from pg_catalog.pg_rewrite as rule
                where depends.classid = 'pg_catalog.pg_rewrite'::regclass
                and rule.oid = depends.objid
                and rule.ev_class <> class.oid
            )
        )
        order by 1
    ) as needed_by
from pg_catalog.pg_partition_tree(%(oid)s::int8::oid::regclass) as part
inner join pg_catalog.pg_class as class
    on class.oid = part.relid
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
inner join pg_catalog.pg_class as parent
    on parent.oid = part.parentrelid
inner join pg_catalog.pg_namespace as parent_namespace
    on parent_namespace.oid = parent.relnamespace
where part.level > 0
order by
    part.level,
    2,
    3
