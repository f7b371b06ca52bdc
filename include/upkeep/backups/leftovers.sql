-- Tables with rows of their own: the tree that a partition belongs to, whether we may read it, and what was ever changed in it.
select
    n.nspname::pg_catalog.text as schema,
    c.relname::pg_catalog.text as name,
    root_schema.nspname::pg_catalog.text as root_schema,
    root.relname::pg_catalog.text as root_name,
    pg_catalog.has_table_privilege(c.oid, 'select') and pg_catalog.has_schema_privilege(n.oid, 'usage') as readable,
    pg_catalog.pg_stat_get_tuples_updated(c.oid) as updated,
    pg_catalog.pg_stat_get_tuples_deleted(c.oid) as deleted
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
inner join pg_catalog.pg_class as root on root.oid = coalesce(pg_catalog.pg_partition_root(c.oid), c.oid)
inner join pg_catalog.pg_namespace as root_schema on root_schema.oid = root.relnamespace
where c.relkind = 'r'
    and c.relpersistence <> 't'
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    -- An extension's own tables are filled and changed by its script.
    and not exists (
        select
        from pg_catalog.pg_depend as d
        where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'
    )
order by n.nspname, c.relname
